// Task events (core/model/task_state.h) as the state machines make them, each by one of the functions below, and the
// text that people read. At most `task_events_max` of the latest are kept per task.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/model/task_state.h"

namespace orch {

/// Nomad's names; scripts match on them.
namespace task_event_type {
inline constexpr std::string_view received = "Received";
inline constexpr std::string_view task_setup = "Task Setup";
inline constexpr std::string_view setup_failure = "Setup Failure";
inline constexpr std::string_view failed_validation = "Failed Validation";
inline constexpr std::string_view driver = "Driver";
inline constexpr std::string_view driver_failure = "Driver Failure";
inline constexpr std::string_view started = "Started";
inline constexpr std::string_view terminated = "Terminated";
inline constexpr std::string_view restarting = "Restarting";
inline constexpr std::string_view not_restarting = "Not Restarting";
inline constexpr std::string_view restart_signaled = "Restart Signaled";
inline constexpr std::string_view signaling = "Signaling";
inline constexpr std::string_view killing = "Killing";
inline constexpr std::string_view killed = "Killed";
inline constexpr std::string_view sibling_failed = "Sibling Task Failed";
inline constexpr std::string_view leader_dead = "Leader Task Dead";
inline constexpr std::string_view alloc_unhealthy = "Alloc Unhealthy";
}  // namespace task_event_type

inline constexpr std::size_t task_events_max = 10;

/// Appends and drops the oldest ones beyond `task_events_max`.
void append_event(std::vector<TaskEvent>& events, TaskEvent event);

/// The sentence that `alloc status` shows as the event's description.
std::string display_message(const TaskEvent& event);

TaskEvent received_event(WallTime time);
TaskEvent task_setup_event(WallTime time, std::string message);
TaskEvent setup_failure_event(WallTime time, std::string error);
TaskEvent failed_validation_event(WallTime time, std::string error);
/// Progress that a driver tells: "Downloading image redis:3.2".
TaskEvent driver_event(WallTime time, std::string message);
TaskEvent driver_failure_event(WallTime time, std::string error);
TaskEvent started_event(WallTime time);
/// `message` is what the driver adds to the exit code ("OOM Killed"), or empty.
TaskEvent terminated_event(WallTime time, std::int64_t exit_code, std::int64_t signal, std::string message, bool oom);
TaskEvent restarting_event(WallTime time, Duration delay, std::string reason);
TaskEvent not_restarting_event(WallTime time, std::string reason);
TaskEvent restart_signaled_event(WallTime time, std::string reason);
TaskEvent signaling_event(WallTime time, std::string signal, std::string reason);
TaskEvent killing_event(WallTime time, Duration kill_timeout, std::string failed_sibling);
TaskEvent killed_event(WallTime time, std::string error);
TaskEvent sibling_failed_event(WallTime time, std::string sibling);
TaskEvent leader_dead_event(WallTime time);
TaskEvent alloc_unhealthy_event(WallTime time, std::string message);

}  // namespace orch

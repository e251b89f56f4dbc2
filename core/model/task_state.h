// What the cluster is told of a task: Nomad's TaskState with its events, as `alloc status` lists them.
//
// An event is a type, a time and the fields of Nomad's JSON for it. It is made once (core/runner/task_event.h) and
// never changed. `details` is the machine-readable form that Nomad keeps beside the fields; the text that people read
// is derived
// (`display_message`), so it is not stored.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/model/job.h"

namespace orch {

struct TaskEvent {
  std::string type;
  WallTime time;
  StringMap details;
  std::string message, driver_error, driver_message, failed_sibling, kill_error, kill_reason, restart_reason,
      setup_error, task_signal, task_signal_reason, validation_error;
  std::int64_t exit_code = 0, signal = 0;
  Duration start_delay, kill_timeout;
  bool fails_task = false;  ///< the task counts as failed from this event on
  bool operator==(const TaskEvent&) const = default;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Details", "", details);
    ORCH_FIELD(2, "DriverError", "", driver_error);
    ORCH_FIELD(3, "DriverMessage", "", driver_message);
    ORCH_FIELD(4, "ExitCode", "", exit_code);
    ORCH_FIELD(5, "FailedSibling", "", failed_sibling);
    ORCH_FIELD(6, "FailsTask", "", fails_task);
    ORCH_FIELD(7, "KillError", "", kill_error);
    ORCH_FIELD(8, "KillReason", "", kill_reason);
    ORCH_FIELD(9, "KillTimeout", "", kill_timeout);
    ORCH_FIELD(10, "Message", "", message);
    ORCH_FIELD(11, "RestartReason", "", restart_reason);
    ORCH_FIELD(12, "SetupError", "", setup_error);
    ORCH_FIELD(13, "Signal", "", signal);
    ORCH_FIELD(14, "StartDelay", "", start_delay);
    ORCH_FIELD(15, "TaskSignal", "", task_signal);
    ORCH_FIELD(16, "TaskSignalReason", "", task_signal_reason);
    ORCH_FIELD(17, "Time", "", time);
    ORCH_FIELD(18, "Type", "", type);
    ORCH_FIELD(19, "ValidationError", "", validation_error);
  }
};

enum class TaskLife : std::uint8_t { pending, running, dead };

constexpr std::uint8_t word_count(TaskLife) { return 3; }
constexpr std::string_view text(TaskLife life) {
  switch (life) {
    case TaskLife::pending:
      return "pending";
    case TaskLife::running:
      return "running";
    case TaskLife::dead:
      return "dead";
  }
  return "";
}

struct TaskState {
  TaskLife life = TaskLife::pending;
  bool failed = false;  ///< ended for good, and not well
  std::int64_t restarts = 0;
  WallTime last_restart, started_at, finished_at;  ///< 0: never
  std::vector<TaskEvent> events;                   ///< oldest first
  bool operator==(const TaskState&) const = default;

  /// For records and the node's snapshots; what the API shows is written by core/runner/task_states_json.h.
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Events", "", events);
    ORCH_FIELD(2, "Failed", "", failed);
    ORCH_FIELD(3, "FinishedAt", "", finished_at);
    ORCH_FIELD(4, "LastRestart", "", last_restart);
    ORCH_FIELD(5, "Life", "", life);
    ORCH_FIELD(6, "Restarts", "", restarts);
    ORCH_FIELD(7, "StartedAt", "", started_at);
  }
};

/// What one allocation's report says of its tasks, by name.
struct TaskStates {
  std::map<std::string, TaskState> tasks;
  bool operator==(const TaskStates&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "Tasks", "", tasks);
  }
};

}  // namespace orch

#include "core/runner/task_event.h"

#include <utility>

#include "core/base/assert.h"
#include "core/base/duration_text.h"
#include "core/model/json_text.h"
#include "core/runner/restart_tracker.h"

namespace orch {
namespace {

TaskEvent event_of(std::string_view type, WallTime time) {
  TaskEvent event;
  event.type = type;
  event.time = time;
  return event;
}

/// Sets a text field and its twin in the details; an empty text leaves both out.
void set(TaskEvent& event, std::string TaskEvent::*field, const char* detail, std::string text) {
  if (text.empty()) return;
  event.details[detail] = text;
  event.*field = std::move(text);
}

void set_fails_task(TaskEvent& event) {
  event.fails_task = true;
  event.details["fails_task"] = "true";
}

std::string or_else(const std::string& text, const char* otherwise) { return text.empty() ? otherwise : text; }

std::string terminated_text(const TaskEvent& event) {
  std::string text = "Exit Code: " + std::to_string(event.exit_code);
  if (event.signal != 0) text += ", Signal: " + std::to_string(event.signal);
  if (!event.message.empty()) text += ", Exit Message: " + quoted(event.message);
  return text;
}

std::string killing_text(const TaskEvent& event) {
  if (!event.kill_reason.empty()) return event.kill_reason;
  if (event.kill_timeout.ns == 0) return "Sent interrupt";
  return "Sent interrupt. Waiting " + duration_text(event.kill_timeout) + " before force killing";
}

std::string restarting_text(const TaskEvent& event) {
  const std::string when = "Task restarting in " + duration_text(event.start_delay);
  if (event.restart_reason.empty() || event.restart_reason == restart_reason_within_policy) return when;
  return event.restart_reason + " - " + when;
}

std::string signaling_text(const TaskEvent& event) {
  if (event.task_signal.empty()) return or_else(event.task_signal_reason, "Task being sent a signal");
  const std::string text = "Task being sent signal " + event.task_signal;
  return event.task_signal_reason.empty() ? text : text + ": " + event.task_signal_reason;
}

}  // namespace

void append_event(std::vector<TaskEvent>& events, TaskEvent event) {
  ORCH_ASSERT(!event.type.empty(), "an event is of one of the types");
  if (events.size() >= task_events_max) {
    events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(events.size() - task_events_max + 1));
  }
  events.push_back(std::move(event));
  ORCH_ASSERT(events.size() <= task_events_max, "a task keeps its latest events");
}

std::string display_message(const TaskEvent& event) {
  using namespace task_event_type;
  const std::string& type = event.type;
  if (type == received) return "Task received by client";
  if (type == started) return "Task started by client";
  if (type == driver) return event.driver_message;
  if (type == terminated) return terminated_text(event);
  if (type == killing) return killing_text(event);
  if (type == killed) return or_else(event.kill_error, "Task successfully killed");
  if (type == restarting) return restarting_text(event);
  if (type == not_restarting) return or_else(event.restart_reason, "Task exceeded restart policy");
  if (type == restart_signaled) return or_else(event.restart_reason, "Task signaled to restart");
  if (type == signaling) return signaling_text(event);
  if (type == driver_failure) return or_else(event.driver_error, "Failed to start task");
  if (type == setup_failure) return or_else(event.setup_error, "Task setup failed");
  if (type == failed_validation) return or_else(event.validation_error, "Validation of task failed");
  if (type == leader_dead) return "Leader Task in Group dead";
  if (type == sibling_failed) {
    return event.failed_sibling.empty() ? "Task's sibling failed"
                                        : "Task's sibling " + quoted(event.failed_sibling) + " failed";
  }
  return event.message;
}

TaskEvent received_event(WallTime time) { return event_of(task_event_type::received, time); }

TaskEvent task_setup_event(WallTime time, std::string message) {
  TaskEvent event = event_of(task_event_type::task_setup, time);
  set(event, &TaskEvent::message, "message", std::move(message));
  return event;
}

TaskEvent setup_failure_event(WallTime time, std::string error) {
  TaskEvent event = event_of(task_event_type::setup_failure, time);
  set(event, &TaskEvent::setup_error, "setup_error", std::move(error));
  set_fails_task(event);
  return event;
}

TaskEvent failed_validation_event(WallTime time, std::string error) {
  TaskEvent event = event_of(task_event_type::failed_validation, time);
  set(event, &TaskEvent::validation_error, "validation_error", std::move(error));
  set_fails_task(event);
  return event;
}

TaskEvent driver_event(WallTime time, std::string message) {
  TaskEvent event = event_of(task_event_type::driver, time);
  set(event, &TaskEvent::driver_message, "driver_message", std::move(message));
  return event;
}

TaskEvent driver_failure_event(WallTime time, std::string error) {
  TaskEvent event = event_of(task_event_type::driver_failure, time);
  set(event, &TaskEvent::driver_error, "driver_error", std::move(error));
  return event;
}

TaskEvent started_event(WallTime time) { return event_of(task_event_type::started, time); }

TaskEvent terminated_event(WallTime time, std::int64_t exit_code, std::int64_t signal, std::string message, bool oom) {
  TaskEvent event = event_of(task_event_type::terminated, time);
  event.exit_code = exit_code;
  event.signal = signal;
  event.details["exit_code"] = std::to_string(exit_code);
  event.details["signal"] = std::to_string(signal);
  if (oom) event.details["oom_killed"] = "true";
  set(event, &TaskEvent::message, "exit_message", std::move(message));
  return event;
}

TaskEvent restarting_event(WallTime time, Duration delay, std::string reason) {
  TaskEvent event = event_of(task_event_type::restarting, time);
  event.start_delay = delay;
  event.details["start_delay"] = std::to_string(delay.ns);
  set(event, &TaskEvent::restart_reason, "restart_reason", std::move(reason));
  return event;
}

TaskEvent not_restarting_event(WallTime time, std::string reason) {
  TaskEvent event = event_of(task_event_type::not_restarting, time);
  set(event, &TaskEvent::restart_reason, "restart_reason", std::move(reason));
  set_fails_task(event);
  return event;
}

TaskEvent restart_signaled_event(WallTime time, std::string reason) {
  TaskEvent event = event_of(task_event_type::restart_signaled, time);
  set(event, &TaskEvent::restart_reason, "restart_reason", std::move(reason));
  return event;
}

TaskEvent signaling_event(WallTime time, std::string signal, std::string reason) {
  TaskEvent event = event_of(task_event_type::signaling, time);
  set(event, &TaskEvent::task_signal, "task_signal", std::move(signal));
  set(event, &TaskEvent::task_signal_reason, "task_signal_reason", std::move(reason));
  return event;
}

TaskEvent killing_event(WallTime time, Duration kill_timeout, std::string failed_sibling) {
  TaskEvent event = event_of(task_event_type::killing, time);
  event.kill_timeout = kill_timeout;
  event.details["kill_timeout"] = duration_text(kill_timeout);
  set(event, &TaskEvent::failed_sibling, "failed_sibling", std::move(failed_sibling));
  return event;
}

TaskEvent killed_event(WallTime time, std::string error) {
  TaskEvent event = event_of(task_event_type::killed, time);
  set(event, &TaskEvent::kill_error, "kill_error", std::move(error));
  return event;
}

TaskEvent sibling_failed_event(WallTime time, std::string sibling) {
  TaskEvent event = event_of(task_event_type::sibling_failed, time);
  set(event, &TaskEvent::failed_sibling, "failed_sibling", std::move(sibling));
  return event;
}

TaskEvent leader_dead_event(WallTime time) { return event_of(task_event_type::leader_dead, time); }

TaskEvent alloc_unhealthy_event(WallTime time, std::string message) {
  TaskEvent event = event_of(task_event_type::alloc_unhealthy, time);
  set(event, &TaskEvent::message, "message", std::move(message));
  return event;
}

}  // namespace orch

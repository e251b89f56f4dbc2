#include "core/runner/task_states_json.h"

#include "core/base/assert.h"
#include "core/base/time_text.h"
#include "core/model/json_text.h"
#include "core/model/status.h"

namespace orch {
namespace {

/// Writes `,"name":` (without the comma for the first member).
void name(std::string& out, const char* text) {
  ORCH_ASSERT(!out.empty(), "a member stands in an object");
  if (out.back() != '{') out += ',';
  append_quoted(out, text);
  out += ':';
}

void member(std::string& out, const char* key, const std::string& value) {
  name(out, key);
  append_quoted(out, value);
}
void member(std::string& out, const char* key, std::int64_t value) {
  name(out, key);
  append_number(out, value);
}
void member(std::string& out, const char* key, bool value) {
  name(out, key);
  append_bool(out, value);
}

void append_event(std::string& out, const TaskEvent& event) {
  out += '{';
  name(out, "Details");
  out += '{';
  for (const auto& [key, text] : event.details) member(out, key.c_str(), text);
  out += '}';
  // Fields without a source are Nomad's own history: old clients and tools expect them.
  member(out, "DiskLimit", std::int64_t{0});
  member(out, "DisplayMessage", display_message(event));
  member(out, "DownloadError", std::string());
  member(out, "DriverError", event.driver_error);
  member(out, "DriverMessage", event.driver_message);
  member(out, "ExitCode", event.exit_code);
  member(out, "FailedSibling", event.failed_sibling);
  member(out, "FailsTask", event.fails_task);
  member(out, "GenericSource", std::string());
  member(out, "KillError", event.kill_error);
  member(out, "KillReason", event.kill_reason);
  member(out, "KillTimeout", event.kill_timeout.ns);
  member(out, "Message", event.message);
  member(out, "RestartReason", event.restart_reason);
  member(out, "SetupError", event.setup_error);
  member(out, "Signal", event.signal);
  member(out, "StartDelay", event.start_delay.ns);
  member(out, "TaskSignal", event.task_signal);
  member(out, "TaskSignalReason", event.task_signal_reason);
  member(out, "Time", event.time.ns);
  member(out, "Type", event.type);
  member(out, "ValidationError", event.validation_error);
  member(out, "VaultError", std::string());
  out += '}';
}

void append_state(std::string& out, const TaskState& state) {
  out += '{';
  name(out, "Events");
  if (state.events.empty()) out += "null";
  for (std::size_t i = 0; i < state.events.size(); ++i) {
    out += i == 0 ? '[' : ',';
    append_event(out, state.events[i]);
  }
  if (!state.events.empty()) out += ']';
  member(out, "Failed", state.failed);
  member(out, "FinishedAt", rfc3339(state.finished_at));
  member(out, "LastRestart", rfc3339(state.last_restart));
  member(out, "Restarts", state.restarts);
  member(out, "StartedAt", rfc3339(state.started_at));
  member(out, "State", std::string(text(state.life)));
  out += '}';
}

}  // namespace

void append_task_states(std::string& out, const std::map<std::string, TaskState>& states) {
  out += '{';
  for (const auto& [task, state] : states) {
    name(out, task.c_str());
    append_state(out, state);
  }
  out += '}';
}

std::string task_states_json(const std::map<std::string, TaskState>& states) {
  std::string out;
  append_task_states(out, states);
  return out;
}

void append_report(std::string& out, const AllocRunner& alloc) {
  out += '{';
  member(out, "ID", alloc.assignment().alloc_id);
  member(out, "ClientStatus", std::string(text(alloc.client_status())));
  member(out, "ClientDescription", alloc.client_description());
  name(out, "TaskStates");
  append_task_states(out, alloc.task_states());
  name(out, "DeploymentStatus");
  if (alloc.health() == Health::unset) {
    out += "null";
  } else {
    out += "{\"Healthy\":";
    append_bool(out, alloc.health() == Health::healthy);
    out += '}';
  }
  out += '}';
}

}  // namespace orch

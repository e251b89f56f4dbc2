// What the cluster is told of a task: Nomad's TaskState.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/runner/task_event.h"

namespace orch {

enum class TaskLife : std::uint8_t { pending, running, dead };

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
  std::vector<TaskEvent> events;                   ///< oldest first, at most task_events_max
  bool operator==(const TaskState&) const = default;

  /// For the snapshot; what the API shows is written by task_states_json.h.
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD("Events", "", events);
    ORCH_FIELD("Failed", "", failed);
    ORCH_FIELD("FinishedAt", "", finished_at.ns);
    ORCH_FIELD("LastRestart", "", last_restart.ns);
    ORCH_FIELD("Life", "", life);
    ORCH_FIELD("Restarts", "", restarts);
    ORCH_FIELD("StartedAt", "", started_at.ns);
  }
};

}  // namespace orch

// Is an allocation healthy? Decided once per deployment (or, without one, once per placement), by the node.
//
// Healthy: all tasks have run, and with `use_checks` all checks have passed, for min_healthy_time on end. A restart or
// a failing check begins that time anew. Unhealthy: a task ended for good, or healthy_deadline passed first. The caller
// observes after every change and when `due` has come; after a verdict the tracker has done its work.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/model/job.h"
#include "core/runner/task_event.h"

namespace orch {

struct HealthPolicy {
  bool use_checks = true;
  Duration min_healthy_time = seconds(10), healthy_deadline = minutes(5);

  /// Nothing when the node has no say: other than service jobs, `health_check = "manual"`, or an update policy of a
  /// deployment that isn't there. `in_deployment` picks the update policy, else the migrate policy counts.
  static std::optional<HealthPolicy> of(const Job& job, const TaskGroup& group, bool in_deployment);
};

/// What the tracker looks at, per task.
struct TaskHealth {
  std::string task;
  TaskLife life = TaskLife::pending;
  bool failed = false;
  Elapsed running_since;
  int checks_wanted = 0;
  int checks_known = 0;  ///< those whose service is in the catalogue
  int checks_passing = 0;
  std::vector<std::string> services_failing;  ///< each once
};

enum class HealthVerdict : std::uint8_t { undecided, healthy, unhealthy };

class HealthTracker {
 public:
  HealthTracker(HealthPolicy policy, Elapsed now);

  HealthVerdict observe(Elapsed now, const std::vector<TaskHealth>& tasks);

  /// When to observe again if nothing changes before.
  Elapsed due() const;

  /// Per task the sentence of its "Alloc Unhealthy" event; a task that is not to blame has none.
  std::vector<std::pair<std::string, std::string>> reasons(const std::vector<TaskHealth>& tasks) const;

 private:
  HealthVerdict judge(Elapsed now, const std::vector<TaskHealth>& tasks);
  Elapsed healthy_at() const;

  HealthPolicy policy_;
  Elapsed deadline_;
  std::optional<Elapsed> latest_start_;  ///< of the tasks, while all run
  Elapsed tasks_good_since_ = Elapsed::never();
  Elapsed checks_good_since_ = Elapsed::never();
  bool decided_ = false;
};

}  // namespace orch

// Checks and health of an allocation: the part of AllocRunner that feeds check_state.h and health_tracker.h.
#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/runner/alloc_runner.h"
#include "core/runner/services.h"

namespace orch {

void AllocRunner::follow_checks(const Actions& actions) {
  for (const Action& a : actions) {
    if (a.kind == ActionKind::set_services) set_checks(a.task);
    if (a.kind == ActionKind::remove_services) checks_.erase(a.task);
  }
  for (const auto& [task, list] : checks_) {
    ORCH_ASSERT(tasks_.at(task).phase() == TaskPhase::running, "only a task that runs has checks");
  }
}

void AllocRunner::set_checks(const std::string& task_name) {
  const TaskGroup* group = assignment_.group();
  ORCH_ASSERT(group != nullptr, "an allocation that has tasks has their group");
  const TaskRunner& runner = tasks_.at(task_name);
  auto& known = checks_[task_name];
  const auto before = std::exchange(known, {});
  for (const Task& task : group->tasks) {
    if (task.name != task_name) continue;
    const auto services = services_of(*group, task);
    for (std::size_t s = 0; s < services.size(); ++s) {
      for (std::size_t c = 0; c < services[s]->checks.size(); ++c) {
        const ServiceCheck& check = services[s]->checks[c];
        // By name, since a new version of the job may have moved it.
        const auto same = std::find_if(before.begin(), before.end(), [&](const auto& b) {
          return b.second.service_name() == services[s]->name && b.second.check_name() == check.name;
        });
        CheckState state =
            same == before.end() ? CheckState(check, services[s]->name, runner.running_since()) : same->second;
        state.update(check, services[s]->name);
        known.emplace_back(CheckRef{task_name, s, c}, std::move(state));
      }
    }
  }
}

void AllocRunner::watch_health(const Moment& now) {
  tracker_.reset();
  health_timer_ = Elapsed::never();
  const TaskGroup* group = assignment_.group();
  if (group == nullptr) return;
  if (const auto policy = HealthPolicy::of(*assignment_.job, *group, !assignment_.deployment_id.empty())) {
    tracker_.emplace(*policy, now.elapsed);
  }
}

std::vector<TaskHealth> AllocRunner::task_healths() const {
  std::vector<TaskHealth> healths;
  const TaskGroup* group = assignment_.group();
  ORCH_ASSERT(group != nullptr, "an allocation that has tasks has their group");
  for (const auto& [name, runner] : tasks_) {
    TaskHealth health{name, runner.state().life, runner.state().failed, runner.running_since(), 0, 0, 0, {}};
    const auto task =
        std::find_if(group->tasks.begin(), group->tasks.end(), [&](const Task& t) { return t.name == name; });
    if (task != group->tasks.end()) {
      for (const Service* service : services_of(*group, *task)) {
        health.checks_wanted += static_cast<int>(service->checks.size());
      }
    }
    if (const auto list = checks_.find(name); list != checks_.end()) {
      for (const auto& [ref, check] : list->second) {
        ++health.checks_known;
        if (check.status() == CheckStatus::passing) {
          ++health.checks_passing;
        } else if (health.services_failing.empty() || health.services_failing.back() != check.service_name()) {
          health.services_failing.push_back(check.service_name());
        }
      }
    }
    healths.push_back(std::move(health));
  }
  return healths;
}

// Once a verdict is there the tracker goes; a new one comes with a new deployment only.
void AllocRunner::observe_health(const Moment& now, Actions& actions) {
  if (!tracker_ || tasks_.empty()) return;
  const std::vector<TaskHealth> healths = task_healths();
  const HealthVerdict verdict = tracker_->observe(now.elapsed, healths);
  if (verdict == HealthVerdict::undecided) {
    if (tracker_->due() == health_timer_) return;
    health_timer_ = tracker_->due();
    actions.push_back({.kind = ActionKind::set_timer, .deadline = health_timer_});
    return;
  }
  ORCH_ASSERT(health_ == Health::unset, "health is decided once per deployment");
  health_ = verdict == HealthVerdict::healthy ? Health::healthy : Health::unhealthy;
  // Without a deployment nobody asked for the reasons (Nomad tells them of deployments only).
  if (verdict == HealthVerdict::unhealthy && !assignment_.deployment_id.empty()) {
    for (const auto& [task, reason] : tracker_->reasons(healths)) {
      tasks_.at(task).add_event(alloc_unhealthy_event(now.wall, reason));
    }
  }
  tracker_.reset();
  health_timer_ = Elapsed::never();
  actions.push_back({.kind = ActionKind::persist});
}

}  // namespace orch

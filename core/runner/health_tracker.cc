#include "core/runner/health_tracker.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/base/duration_text.h"

namespace orch {
namespace {

bool all_running(const std::vector<TaskHealth>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(), [](const TaskHealth& t) { return t.life == TaskLife::running; });
}

bool all_passing(const std::vector<TaskHealth>& tasks) {
  return std::all_of(tasks.begin(), tasks.end(),
                     [](const TaskHealth& t) { return t.checks_passing == t.checks_wanted; });
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::string reason_of(const TaskHealth& task, const HealthPolicy& policy, Elapsed deadline) {
  if (task.failed) return "Unhealthy because of failed task";
  if (task.life != TaskLife::running) return "Task not running by deadline";
  if (task.running_since + policy.min_healthy_time > deadline) {
    return "Task not running for min_healthy_time of " + duration_text(policy.min_healthy_time) + " by deadline";
  }
  if (!policy.use_checks || task.checks_wanted == 0) return "";
  if (task.checks_known == 0) return "Service checks not registered";
  if (!task.services_failing.empty()) return "Services not healthy by deadline: " + joined(task.services_failing);
  if (task.checks_passing == task.checks_wanted) return "";
  return "Only " + std::to_string(task.checks_passing) + " out of " + std::to_string(task.checks_wanted) +
         " checks registered and passing";
}

}  // namespace

std::optional<HealthPolicy> HealthPolicy::of(const Job& job, const TaskGroup& group, bool in_deployment) {
  if (job.type != "service") return std::nullopt;
  HealthPolicy policy;
  std::string check = "checks";
  const auto take = [&](const auto& from) {
    policy.min_healthy_time = from.min_healthy_time.value_or(policy.min_healthy_time);
    policy.healthy_deadline = from.healthy_deadline.value_or(policy.healthy_deadline);
    check = from.health_check.value_or(check);
  };
  if (in_deployment) {
    if (!group.update) return std::nullopt;
    take(*group.update);
  } else if (group.migrate) {
    take(*group.migrate);
  }
  if (check == "manual") return std::nullopt;
  policy.use_checks = check == "checks";
  return policy;
}

HealthTracker::HealthTracker(HealthPolicy policy, Elapsed now)
    : policy_(policy), deadline_(now + policy.healthy_deadline) {}

HealthVerdict HealthTracker::observe(Elapsed now, const std::vector<TaskHealth>& tasks) {
  ORCH_ASSERT(!decided_, "a verdict is final: the tracker is not asked again");
  for (const TaskHealth& task : tasks) {
    ORCH_ASSERT(task.checks_passing <= task.checks_known, "only a check that is known can pass");
  }
  const HealthVerdict verdict = judge(now, tasks);
  decided_ = verdict != HealthVerdict::undecided;
  ORCH_ASSERT(decided_ || due() > now, "what is undecided is looked at again later");
  return verdict;
}

HealthVerdict HealthTracker::judge(Elapsed now, const std::vector<TaskHealth>& tasks) {
  const bool ended =
      std::any_of(tasks.begin(), tasks.end(), [](const TaskHealth& t) { return t.failed || t.life == TaskLife::dead; });
  if (ended) return HealthVerdict::unhealthy;

  if (!all_running(tasks)) {
    latest_start_.reset();
    tasks_good_since_ = Elapsed::never();
  } else {
    Elapsed latest;
    for (const TaskHealth& task : tasks) latest = std::max(latest, task.running_since);
    // A task that was restarted between two looks is seen by its start.
    if (!latest_start_ || *latest_start_ != latest) tasks_good_since_ = now;
    latest_start_ = latest;
  }
  // The time of good health begins anew with whatever was not good: both must have been for min_healthy_time on end.
  if (!policy_.use_checks) {
    checks_good_since_ = Elapsed{};
  } else if (!all_passing(tasks)) {
    checks_good_since_ = Elapsed::never();
  } else if (checks_good_since_ == Elapsed::never()) {
    checks_good_since_ = now;
  }
  if (now >= healthy_at()) return HealthVerdict::healthy;
  return now >= deadline_ ? HealthVerdict::unhealthy : HealthVerdict::undecided;
}

Elapsed HealthTracker::healthy_at() const {
  const Elapsed since = std::max(tasks_good_since_, checks_good_since_);
  return since == Elapsed::never() ? since : since + policy_.min_healthy_time;
}

Elapsed HealthTracker::due() const { return std::min(healthy_at(), deadline_); }

std::vector<std::pair<std::string, std::string>> HealthTracker::reasons(const std::vector<TaskHealth>& tasks) const {
  std::vector<std::pair<std::string, std::string>> reasons;
  for (const TaskHealth& task : tasks) {
    std::string reason = reason_of(task, policy_, deadline_);
    if (!reason.empty()) reasons.emplace_back(task.task, std::move(reason));
  }
  return reasons;
}

}  // namespace orch

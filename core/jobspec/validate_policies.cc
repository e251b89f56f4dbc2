// Rules of restart, reschedule, update and migrate blocks.
#include "core/base/assert.h"
#include "core/base/duration_text.h"
#include "core/base/format.h"
#include "core/jobspec/validate.h"
#include "core/jobspec/validate_rules.h"

namespace orch {
namespace {

template <class Policy>
bool is_whole(const std::optional<Policy>& policy) {
  bool whole = true;
  if (policy)
    Policy::fields(*policy, [&](const char*, const char*, const auto& member) { whole = whole && member.has_value(); });
  return whole;
}

}  // namespace

bool has_whole_policies(const TaskGroup& group) {
  return is_whole(group.restart) && is_whole(group.reschedule) && is_whole(group.update) && is_whole(group.migrate);
}

void check_policies(const Job& job, const TaskGroup& group, Errors& errors) {
  ORCH_ASSERT(has_whole_policies(group), "policies are judged once every default is filled in");
  if (group.restart) {
    const RestartPolicy& r = *group.restart;
    if (*r.mode != "fail" && *r.mode != "delay") errors.push_back("Unsupported restart mode: \"" + *r.mode + "\"");
    if (r.delay->ns < 0) errors.push_back("Restart delay can't be negative; got " + duration_text(*r.delay));
    if (*r.attempts < 0) errors.push_back("Restart attempts can't be negative; got " + std::to_string(*r.attempts));
    if (*r.mode == "delay" || *r.attempts > 0) {
      if (*r.interval < seconds(5))
        errors.push_back("Interval can not be less than 5s (got " + duration_text(*r.interval) + ")");
      else if (*r.attempts > 0 && r.delay->ns > r.interval->ns / *r.attempts) {
        errors.push_back(
            fmt::format("Nomad can't restart the TaskGroup {} times in an interval of {} with a delay of {}",
                        *r.attempts, duration_text(*r.interval), duration_text(*r.delay)));
      }
    }
  }
  if (group.reschedule && job.type == "system") errors.push_back("System jobs should not have a reschedule policy");
  if (group.reschedule) {
    const ReschedulePolicy& r = *group.reschedule;
    static const std::set<std::string> functions = {"constant", "exponential", "fibonacci"};
    Errors found;
    if (*r.attempts < 0) found.push_back("Attempts can't be negative; got " + std::to_string(*r.attempts));
    if (*r.unlimited && *r.attempts > 0)
      found.push_back("Reschedule Policy with unlimited = true is ambiguous with attempts = " +
                      std::to_string(*r.attempts));
    if (*r.unlimited || *r.attempts > 0) {
      if (*r.delay < seconds(5)) found.push_back("Delay cannot be less than 5s (got " + duration_text(*r.delay) + ")");
      if (!functions.contains(*r.delay_function))
        found.push_back("Invalid delay function \"" + *r.delay_function +
                        "\", must be one of [constant exponential fibonacci]");
      else if (*r.delay_function != "constant" && *r.max_delay < *r.delay) {
        found.push_back("Max Delay cannot be less than Delay " + duration_text(*r.delay) + " (got " +
                        duration_text(*r.max_delay) + ")");
      }
      if (!*r.unlimited && *r.interval < seconds(15))
        found.push_back("Interval cannot be less than 15s (got " + duration_text(*r.interval) + ")");
    }
    if (!found.empty()) errors.push_back(error_list(found));
  }
  if (group.update) {
    const UpdateStrategy& u = *group.update;
    Errors found;
    static const std::set<std::string> checks = {"checks", "task_states", "manual"};
    if (!checks.contains(*u.health_check)) found.push_back("Invalid health check given: \"" + *u.health_check + "\"");
    if (*u.max_parallel < 1)
      found.push_back(fmt::format("Max parallel can not be less than one: {} < 1", *u.max_parallel));
    if (*u.canary < 0) found.push_back(fmt::format("Canary count can not be less than zero: {} < 0", *u.canary));
    if (u.min_healthy_time->ns < 0)
      found.push_back("Minimum healthy time may not be less than zero: " + duration_text(*u.min_healthy_time));
    if (u.healthy_deadline->ns <= 0)
      found.push_back("Healthy deadline must be greater than zero: " + duration_text(*u.healthy_deadline));
    if (u.progress_deadline->ns < 0)
      found.push_back("Progress deadline must be zero or greater: " + duration_text(*u.progress_deadline));
    if (u.min_healthy_time->ns >= u.healthy_deadline->ns) {
      found.push_back("Minimum healthy time must be less than healthy deadline: " + duration_text(*u.min_healthy_time) +
                      " > " + duration_text(*u.healthy_deadline));
    }
    if (u.progress_deadline->ns != 0 && u.healthy_deadline->ns >= u.progress_deadline->ns) {
      found.push_back("Healthy deadline must be less than progress deadline: " + duration_text(*u.healthy_deadline) +
                      " > " + duration_text(*u.progress_deadline));
    }
    if (u.stagger->ns <= 0) found.push_back("Stagger must be greater than zero: " + duration_text(*u.stagger));
    if (!found.empty()) errors.push_back(error_list(found));
  }
  if (group.migrate) {
    const MigrateStrategy& m = *group.migrate;
    Errors found;
    if (*m.max_parallel < 0) found.push_back("MaxParallel must be >= 0 but found " + std::to_string(*m.max_parallel));
    if (*m.health_check != "checks" && *m.health_check != "task_states") {
      found.push_back("Invalid HealthCheck \"" + *m.health_check + "\": it is \"checks\" or \"task_states\"");
    }
    if (m.min_healthy_time->ns < 0)
      found.push_back("MinHealthyTime is " + duration_text(*m.min_healthy_time) + " and must be >= 0");
    if (m.healthy_deadline->ns < 0)
      found.push_back("HealthyDeadline is " + duration_text(*m.healthy_deadline) + " and must be >= 0");
    if (*m.min_healthy_time > *m.healthy_deadline) found.push_back("MinHealthyTime must be less than HealthyDeadline");
    if (!found.empty()) errors.push_back(error_list(found));
  }
  if (job.type == "system" && group.count > 1) {
    errors.push_back(fmt::format("Job task group {} has count {}. Count cannot exceed 1 with system scheduler",
                                 group.name, group.count));
  }
}

}  // namespace orch

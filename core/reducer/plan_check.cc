#include "core/reducer/plan_check.h"

namespace orch {

std::string refuse_plan(const State& state, const wire::SubmitPlan& plan) {
  if (plan.evaluation() >= state.evaluations().size()) return "evaluation not found";
  const EvaluationState& evaluation = state.evaluation(EvaluationNumber{plan.evaluation()});
  if (evaluation.status != EvaluationStatus::pending) return "evaluation is not pending";
  if (plan.job() >= state.jobs().size() || evaluation.job.value != plan.job()) return "evaluation is of another job";
  const JobState& job = state.job(JobNumber{plan.job()});
  if (job.newest().version != plan.job_version()) return "decided on an older version of the job";
  const std::size_t groups = job.job().task_groups.size();
  if (plan.placements() != nullptr) {
    for (const wire::Placements* p : *plan.placements()) {
      if (p->group() >= groups || p->nodes() == nullptr || p->names() == nullptr ||
          p->names()->size() != p->nodes()->size()) {
        return "placement columns are malformed";
      }
      const std::size_t ports = std::size_t{p->nodes()->size()} * job.newest().shapes[p->group()].port_count();
      if ((p->ports() != nullptr ? p->ports()->size() : 0) != ports) return "placement ports are malformed";
      if (p->replaces() != nullptr && p->replaces()->size() != 0 && p->replaces()->size() != p->nodes()->size()) {
        return "placement columns are malformed";
      }
    }
  }
  if (plan.stops() != nullptr) {
    for (const wire::Stops* s : *plan.stops()) {
      if (s->allocations() == nullptr || s->reason() > static_cast<std::uint8_t>(StopReason::migrated)) {
        return "stop columns are malformed";
      }
    }
  }
  if (plan.metrics() != nullptr) {
    for (const wire::GroupMetrics* m : *plan.metrics()) {
      if (m->group() >= groups) return "metrics of a group that the job does not have";
    }
  }
  return {};
}

}  // namespace orch

// Evaluations: created pending, taken by the leader, ended by a plan, or parked as blocked until room appears.
#include "core/base/assert.h"
#include "core/reducer/commands.h"

namespace orch {

EvaluationNumber StateEdit::evaluate(JobNumber n, Trigger trigger, EvaluationNumber previous, NodeNumber node) {
  const JobState& job = state_.job(n);
  const bool asked_for = trigger == Trigger::job_register || trigger == Trigger::job_deregister;
  if (job.pending) {
    // One that waits will see the state as it is then, so the cluster's own triggers need no second one.
    if (!asked_for) return job.pending;
    finish_evaluation(job.pending, EvaluationStatus::canceled, "superseded by a newer evaluation of the job");
  }
  if (asked_for && job.blocked) {
    finish_evaluation(job.blocked, EvaluationStatus::canceled, "superseded by a newer evaluation of the job");
  }
  EvaluationState made{.job = n,
                       .previous = previous,
                       .deployment = is_active_deployment(job.deployment) ? job.deployment : DeploymentNumber::none(),
                       .node = node,
                       .trigger = trigger,
                       .priority = job.job().priority,
                       .create_index = index_,
                       .modify_index = index_,
                       .job_modify_index = asked_for ? job.newest().job_modify_index : 0,
                       .created_at = wall_};
  const EvaluationNumber e = add_evaluation(std::move(made));
  pending().insert({job.job().priority, e});
  change(n, [&](JobState& j) { j.pending = e; });
  emit(EventKind::evaluation_changed, e.value);
  refresh_job_status(n);
  return e;
}

bool StateEdit::is_active_deployment(DeploymentNumber n) const {
  return n && is_active(state_.deployment(n).status);
}

void StateEdit::finish_evaluation(EvaluationNumber e, EvaluationStatus status, std::string description) {
  const JobNumber n = state_.evaluation(e).job;
  pending().erase({state_.evaluation(e).priority, e});
  blocked().erase(e);
  change(e, [&](EvaluationState& evaluation) {
    evaluation.status = status;
    evaluation.description = std::move(description);
    evaluation.modify_index = index_;
  });
  change(n, [&](JobState& job) {
    if (job.pending == e) job.pending = {};
    if (job.blocked == e) job.blocked = {};
  });
  emit(EventKind::evaluation_changed, e.value);
}

void StateEdit::block(EvaluationNumber e) {
  const JobNumber n = state_.evaluation(e).job;
  pending().erase({state_.evaluation(e).priority, e});
  blocked().insert(e);
  change(e, [&](EvaluationState& evaluation) {
    evaluation.status = EvaluationStatus::blocked;
    evaluation.modify_index = index_;
  });
  change(n, [&](JobState& job) {
    if (job.pending == e) job.pending = {};
    job.blocked = e;
  });
  emit(EventKind::evaluation_changed, e.value);
}

void StateEdit::wake_blocked() {
  if (!capacity_freed_) return;
  capacity_freed_ = false;
  const std::set<EvaluationNumber> waiting = std::move(blocked());
  blocked().clear();
  for (EvaluationNumber e : waiting) {
    const JobNumber n = state_.evaluation(e).job;
    // The job's pending evaluation will look at the new room; the blocked one has nothing left to wait for.
    if (state_.job(n).pending) {
      finish_evaluation(e, EvaluationStatus::canceled, "superseded by a newer evaluation of the job");
      continue;
    }
    change(e, [&](EvaluationState& evaluation) {
      evaluation.status = EvaluationStatus::pending;
      evaluation.modify_index = index_;
    });
    change(n, [&](JobState& job) {
      job.blocked = {};
      job.pending = e;
    });
    pending().insert({state_.evaluation(e).priority, e});
    emit(EventKind::evaluation_changed, e.value);
  }
}

}  // namespace orch

#include "core/reducer/evaluation.h"

#include "core/reducer/deployment.h"
#include "core/reducer/job.h"

namespace orch {

void supersede(StateEdit& edit, EvaluationNumber n) {
  edit.finish(n, EvaluationStatus::canceled, "superseded by a newer evaluation of the job");
}

EvaluationNumber create_evaluation(StateEdit& edit, JobNumber n, Trigger trigger, NodeNumber node) {
  const JobState& job = edit.state().job(n);
  const bool asked_for = trigger == Trigger::job_register || trigger == Trigger::job_deregister;
  // One that waits will see the state as it is then, so the cluster's own triggers need no second one. Who asks wants
  // to watch an evaluation that begins after the request.
  if (job.pending && !asked_for) return job.pending;
  if (job.pending) supersede(edit, job.pending);
  if (job.blocked && asked_for) supersede(edit, job.blocked);
  const bool deploys = is_active_deployment(edit.state(), job.deployment);
  const EvaluationNumber made = edit.add_evaluation({.job = n,
                                                     .deployment = deploys ? job.deployment : DeploymentNumber::none(),
                                                     .node = node,
                                                     .trigger = trigger,
                                                     .priority = job.job().priority,
                                                     .create_index = edit.index(),
                                                     .modify_index = edit.index(),
                                                     .job_modify_index = asked_for ? job.newest().job_modify_index : 0,
                                                     .created_at = edit.wall()});
  refresh_job_status(edit, n);
  return made;
}

bool waits_for_room_again(Trigger trigger) {
  return trigger == Trigger::queued_allocs || trigger == Trigger::max_plan_attempts;
}

EvaluationNumber create_blocked_evaluation(StateEdit& edit, EvaluationNumber previous, LogIndex state_index,
                                           Trigger trigger) {
  const JobNumber n = edit.state().evaluation(previous).job;
  ORCH_ASSERT(waits_for_room_again(trigger), "what waits for room says why");
  ORCH_ASSERT(edit.state().evaluation(previous).status ==
                  (trigger == Trigger::queued_allocs ? EvaluationStatus::complete : EvaluationStatus::failed),
              "it decided what it could, or gave up");
  const EvaluationNumber made =
      edit.add_evaluation({.job = n,
                           .previous = previous,
                           .trigger = trigger,
                           .status = EvaluationStatus::blocked,
                           .priority = edit.state().evaluation(previous).priority,
                           .create_index = edit.index(),
                           .modify_index = edit.index(),
                           .state_index = state_index,
                           .created_at = edit.wall(),
                           .description = trigger == Trigger::queued_allocs ? "created to place remaining allocations"
                                                                            : "created due to placement conflicts"});
  edit.change(previous, [&](EvaluationState& evaluation) { evaluation.blocked = made; });
  return made;
}

void wake_blocked(StateEdit& edit) {
  if (!edit.room_appeared()) return;
  const std::set<EvaluationNumber> waiting = edit.state().blocked();  // a copy: each leaves the set
  for (const EvaluationNumber e : waiting) {
    // The job's pending evaluation will look at the new room; the blocked one has nothing left to wait for.
    if (edit.state().job(edit.state().evaluation(e).job).pending) {
      supersede(edit, e);
    } else {
      if (edit.state().evaluation(e).refused_plans != 0) edit.change(e, [](auto& woken) { woken.refused_plans = 0; });
      edit.unblock(e);
    }
  }
  ORCH_ASSERT(edit.state().blocked().empty(), "when room appears, nobody goes on waiting for it");
}

}  // namespace orch

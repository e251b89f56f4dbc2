// The part of StateEdit that keeps true who waits: evaluations for a plan or for room, deployments and allocations for
// their time.
#include "core/reducer/state_edit.h"

namespace orch {

void StateEdit::set_reschedule(AllocationNumber n, Elapsed at) {
  ORCH_ASSERT(state_.allocation(n).client == ClientStatus::failed, "only what failed is rescheduled");
  state_.reschedules_.insert({at, n});
}

std::optional<AllocationNumber> StateEdit::take_due_reschedule() {
  const auto first = state_.reschedules_.begin();
  if (first == state_.reschedules_.end() || first->first > now()) return std::nullopt;
  const AllocationNumber n = first->second;
  state_.reschedules_.erase(first);
  return n;
}

// ---- evaluations ----

EvaluationNumber StateEdit::add_evaluation(EvaluationState evaluation) {
  const EvaluationStatus status = evaluation.status;
  ORCH_ASSERT(status == EvaluationStatus::pending || status == EvaluationStatus::blocked, "it begins waiting");
  const EvaluationNumber n{append(state_.columns_.evaluations, std::move(evaluation))};
  state_.objects_hash_ += digest(n, state_.evaluation(n));
  enter_waiting(n, status);
  name_waiting(n, status);
  emit(EventKind::evaluation_changed, n.value);
  return n;
}

void StateEdit::enter_waiting(EvaluationNumber n, EvaluationStatus status) {
  const bool entered = status == EvaluationStatus::pending
                           ? state_.pending_.insert({state_.evaluation(n).priority, n}).second
                           : state_.blocked_.insert(n).second;
  ORCH_ASSERT(entered, "an evaluation waits once");
}

void StateEdit::leave_waiting(EvaluationNumber n) {
  const EvaluationState& e = state_.evaluation(n);
  const std::size_t left = e.status == EvaluationStatus::pending ? state_.pending_.erase({e.priority, n})
                                                                 : state_.blocked_.erase(n);
  ORCH_ASSERT(left == 1, "an evaluation waits for a plan, or for room, or is over");
}

// One change of the job for both ways to wait, since the digest of a job is dear.
void StateEdit::name_waiting(EvaluationNumber n, EvaluationStatus status) {
  auto name = [&](JobState& job) {
    if (job.pending == n) job.pending = {};
    if (job.blocked == n) job.blocked = {};
    if (status == EvaluationStatus::pending) {
      ORCH_ASSERT(!job.pending, "at most one evaluation of a job waits for a plan");
      job.pending = n;
    } else if (status == EvaluationStatus::blocked) {
      ORCH_ASSERT(!job.blocked, "at most one evaluation of a job waits for room");
      job.blocked = n;
    }
  };
  changing(state_.columns_.jobs, state_.evaluation(n).job, name);
}

void StateEdit::set_status(EvaluationNumber n, EvaluationStatus status) {
  auto set = [&](EvaluationState& e) {
    e.status = status;
    e.modify_index = index();
  };
  changing(state_.columns_.evaluations, n, set);
  emit(EventKind::evaluation_changed, n.value);
}

void StateEdit::wait_instead(EvaluationNumber n, EvaluationStatus status) {
  leave_waiting(n);
  enter_waiting(n, status);
  name_waiting(n, status);
  set_status(n, status);
}

void StateEdit::unblock(EvaluationNumber n) {
  ORCH_ASSERT(state_.evaluation(n).status == EvaluationStatus::blocked, "only what is blocked is unblocked");
  wait_instead(n, EvaluationStatus::pending);
}

void StateEdit::block(EvaluationNumber n) {
  ORCH_ASSERT(state_.evaluation(n).status == EvaluationStatus::pending, "only what was pending is blocked");
  wait_instead(n, EvaluationStatus::blocked);
}

void StateEdit::finish(EvaluationNumber n, EvaluationStatus status, std::string description) {
  ORCH_ASSERT(status != EvaluationStatus::pending && status != EvaluationStatus::blocked, "what is over waits no more");
  leave_waiting(n);
  name_waiting(n, status);
  state_.columns_.evaluations[n.value].description = std::move(description);  // no part of the digest
  set_status(n, status);
}

// ---- deployments ----

DeploymentNumber StateEdit::add_deployment(DeploymentState deployment) {
  ORCH_ASSERT(deployment.watched == Elapsed::never(), "a deployment begins without a deadline in the index");
  const DeploymentNumber n{append(state_.columns_.deployments, std::move(deployment))};
  state_.objects_hash_ += digest(n, state_.deployment(n));
  auto set = [&](JobState& job) { job.deployment = n; };
  changing(state_.columns_.jobs, state_.deployment(n).job, set);
  return n;
}

void StateEdit::set_progress_deadline(DeploymentNumber n, Elapsed at) {
  Elapsed& watched = state_.columns_.deployments[n.value].watched;  // no part of the digest: it follows from the groups
  if (at == watched) return;
  if (watched != Elapsed::never()) {
    const std::size_t erased = state_.progress_deadlines_.erase({watched, n});
    ORCH_ASSERT(erased == 1, "a deployment knows its entry among the deadlines");
  }
  if (at != Elapsed::never()) {
    ORCH_ASSERT(state_.deployment(n).status == DeploymentStatus::running, "only a running deployment has a deadline");
    state_.progress_deadlines_.insert({at, n});
  }
  watched = at;
}

}  // namespace orch

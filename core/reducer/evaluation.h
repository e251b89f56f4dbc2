// Evaluations: created pending, taken by the leader, ended by a plan, or parked as blocked until room appears.
//
// A job has at most one that is pending and one that is blocked; `StateEdit` sees to that.
#pragma once

#include "core/reducer/state_edit.h"

namespace orch {

/// A pending evaluation for the job. For triggers of the cluster's own, one that waits already serves as well.
EvaluationNumber create_evaluation(StateEdit& edit, JobNumber job, Trigger trigger, NodeNumber node = {});

/// What `previous` left unplaced waits for room. The job has no other that is blocked: see `supersede`. `trigger` is
/// queued_allocs, or max_plan_attempts when plans for it were refused.
EvaluationNumber create_blocked_evaluation(StateEdit& edit, EvaluationNumber previous, LogIndex state_index,
                                           Trigger trigger);

/// Whether it is one of those that wait under their own number for as long as it takes.
bool waits_for_room_again(Trigger trigger);

/// A newer evaluation of the job decides what this one waited to decide.
void supersede(StateEdit& edit, EvaluationNumber n);

/// At the end of a group in which room has appeared, every blocked evaluation goes back to pending.
void wake_blocked(StateEdit& edit);

}  // namespace orch

// In place, on a node that will still do: an allocation that could take over the job's new version without a restart
// stays only where the new version may run. Elsewhere it is replaced, when max_parallel comes to it.
#pragma once

#include "core/reducer/state.h"
#include "core/scheduler/plan.h"
#include "core/scheduler/reconcile.h"

namespace orch {

/// Goes through `group.in_place`: who stays is added to `plan.in_place`, who must go becomes a wanted placement that
/// updates it, or (once `may_replace` is used up) waits for a later plan. `group.desired` is kept in step. Looks at
/// what the plan stops, not at what it places: it comes before the first placement.
void check_in_place(const State& state, const JobState& job, GroupChanges& group, Plan& plan);

}  // namespace orch

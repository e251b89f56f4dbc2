// The scheduler: state × evaluation → plan. A pure function beside the reducer; its decisions are recorded, never re-run
// by replay (design, decision 7).
//
// Placement is exact best fit: every feasible node of the job's datacenters is scored once, a heap hands out the best,
// and only the winner is scored again. Ties go to the node with the lower number.
#pragma once

#include "core/reducer/state.h"
#include "core/scheduler/plan.h"

namespace orch {

Plan schedule(const State& state, EvaluationNumber evaluation);

/// The decision for a job as it is registered in `state`, whichever evaluation asks (for `job plan`).
Plan schedule_job(const State& state, JobNumber job);

}  // namespace orch

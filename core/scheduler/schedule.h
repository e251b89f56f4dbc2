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

/// What registering `job` would do, without registering it: the same decision on the job as it would then be.
struct DryRun {
  Plan plan;
  std::shared_ptr<const Job> before;  ///< newest version now; none for a new or stopped job
  LogIndex job_modify_index = 0;      ///< now; 0 for a new job
};
DryRun dry_run(const State& state, const Job& job);

}  // namespace orch

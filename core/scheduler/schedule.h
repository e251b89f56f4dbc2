// The scheduler: state × evaluation → plan. A pure function beside the reducer; its decisions are recorded, never
// re-run by replay (design, decision 7).
//
// Placement is exact best fit: every feasible node of the job's datacenters is scored once, a heap hands out the best,
// and only the winner is scored again. Ties go to the node with the lower number.
#pragma once

#include "core/reducer/state.h"
#include "core/scheduler/feasible.h"
#include "core/scheduler/plan.h"

namespace orch {

/// What a decision notes by node, kept between decisions so that a small plan on many nodes costs what it touches.
struct PlannerScratch {
  struct OfNode {
    std::uint32_t change = 0;      // place + 1 among the plan's node changes
    std::uint32_t collisions = 0;  // allocations of the group that are there
    std::uint32_t revision = 0;    // of the node in the group's search; an older candidate is void
    bool noted = false;            // collisions or revision are of the search that goes on
  };
  std::vector<OfNode> nodes;
};

/// What registering a job would do, without registering it: the same decision on the job as it would then be.
struct DryRun {
  Plan plan;
  std::shared_ptr<const Job> before;  ///< newest version now; none for a new job
  bool was_stopped = false;           ///< it is stopped now
  LogIndex job_modify_index = 0;      ///< now; 0 for a new job
};

/// Decides one evaluation after another on one state and keeps what is dear to find out anew. A decision depends on the
/// state and the evaluation only. One thread.
class Scheduler {
 public:
  Plan schedule(const State& state, EvaluationNumber evaluation);
  DryRun dry_run(const State& state, const Job& job);

 private:
  Feasibility feasibility_;
  PlannerScratch scratch_;
};

/// As a scheduler that knows nothing yet.
inline Plan schedule(const State& state, EvaluationNumber evaluation) {
  return Scheduler().schedule(state, evaluation);
}
inline DryRun dry_run(const State& state, const Job& job) { return Scheduler().dry_run(state, job); }

}  // namespace orch

// The scheduler: state × evaluation → plan. A pure function beside the reducer; its decisions are recorded, never
// re-run by replay (design, decision 7).
//
// A decision goes through its parts in this order: what must change (reconcile.h), who may stay where it is
// (in_place.h), which nodes are allowed (feasible.h), and for each placement the best of them (group_search.h) with
// ports (assign_ports.h) or the reason why there is none (metrics.h). What the plan has already given away or freed on
// nodes stands in planned_nodes.h, the result in plan.h.
#pragma once

#include <memory>

#include "core/reducer/state.h"
#include "core/scheduler/feasible.h"
#include "core/scheduler/group_search.h"
#include "core/scheduler/plan.h"
#include "core/scheduler/planned_nodes.h"

namespace orch {

/// What registering a job would do, without registering it: the same decision on the job as it would then be.
struct DryRun {
  Plan plan;
  std::shared_ptr<const Job> before;  ///< newest version now; none for a new job
  bool was_stopped = false;           ///< it is stopped now
  LogIndex job_modify_index = 0;      ///< now; 0 for a new job
};

/// Decides one evaluation after another on one state and keeps what is dear to find out anew. A decision depends on the
/// state and the evaluation only, never on what was decided before: what is kept is verdicts that still hold and
/// scratch that is empty. A state that was thrown away needs a new Scheduler. One thread.
class Scheduler {
 public:
  /// `evaluation` is pending.
  Plan schedule(const State& state, EvaluationNumber evaluation);
  DryRun dry_run(const State& state, const Job& job);

 private:
  Plan plan(const State& state, JobNumber number, const JobState& job);

  Feasibility feasibility_;
  PlannedNodes::Scratch planned_;
  GroupSearch::Scratch searched_;
};

/// As a scheduler that knows nothing yet.
inline Plan schedule(const State& state, EvaluationNumber evaluation) {
  return Scheduler().schedule(state, evaluation);
}
inline DryRun dry_run(const State& state, const Job& job) { return Scheduler().dry_run(state, job); }

}  // namespace orch

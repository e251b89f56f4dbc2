#include "core/scheduler/schedule.h"

#include <utility>

#include "core/base/assert.h"
#include "core/scheduler/in_place.h"
#include "core/scheduler/metrics.h"
#include "core/scheduler/reconcile.h"

namespace orch {
namespace {

/// One decision in the making.
class Planner {
 public:
  Planner(Feasibility& feasibility, PlannedNodes::Scratch& planned, GroupSearch::Scratch& searched, const State& state,
          JobNumber number, const JobState& job)
      : feasibility_(feasibility), searched_(searched), state_(state), job_(job), nodes_(state, planned) {
    plan_.job = number;
    plan_.job_version = job_.newest().version;
    plan_.state_index = state.index();
  }

  Plan run() {
    Changes changes = reconcile(state_, job_);
    plan_.create_deployment = changes.create_deployment;
    // Whatever frees room comes before whatever needs it, in all groups.
    for (const WantedStop& s : changes.stop) stop(s);
    for (GroupChanges& group : changes.groups) check_in_place(state_, job_, group, plan_);
    for (const GroupChanges& group : changes.groups) {
      for (const WantedStop& s : group.stop) stop(s);
    }
    plan_.queued.assign(changes.groups.size(), 0);
    for (GroupChanges& group : changes.groups) {
      if (!group.place.empty()) place(group);
      plan_.desired.push_back(group.desired);
      plan_.destructive_in_all.push_back(group.destructive_in_all);
    }
    ORCH_ASSERT(plan_.desired.size() == plan_.queued.size(), "what is told by group is told of each");
    return std::move(plan_);
  }

 private:
  void stop(const WantedStop& s) {
    plan_.stops.push_back(s);
    nodes_.free_room(s.allocation);
  }

  void place(const GroupChanges& wanted) {
    const Feasible& feasible = feasibility_.find(state_, job_.job(), job_.job().task_groups[wanted.group]);
    GroupSearch search(state_, job_, wanted.group, feasible, plan_, nodes_, searched_);
    GroupMetrics metrics = feasible.metrics;
    search.begin(metrics);

    GroupPlacements made{.group = wanted.group};
    std::uint32_t failed = 0;
    for (const WantedPlacement& w : wanted.place) {
      // An update's predecessor makes room for its successor, and only if that finds a node: room that it may have to
      // take back is given to nobody else.
      if (w.updates) search.leave(w.replaces);
      if (auto found = search.take_best()) {
        note(made, w, *found);
        if (w.updates) plan_.stops.push_back({w.replaces, StopReason::updated, false});
        continue;
      }
      if (failed++ == 0) metrics = search.why_nowhere();
      if (w.updates) search.stay(w.replaces);
    }
    ORCH_ASSERT(made.nodes.size() + failed == wanted.place.size(), "each placement is made or has failed");
    metrics.group = wanted.group;
    metrics.failed = failed;
    plan_.queued[wanted.group] = failed;
    plan_.metrics.push_back(std::move(metrics));
    ORCH_ASSERT(plan_.placements.empty() || plan_.placements.back().group < wanted.group,
                "groups are placed in their order, each once");
    if (!made.nodes.empty()) plan_.placements.push_back(std::move(made));
  }

  static void note(GroupPlacements& made, const WantedPlacement& wanted, const GroupSearch::Found& found) {
    static_assert(score_one * 65535 / score_one == 65535, "the best fit fills a score's 16 bits");
    made.nodes.push_back(found.node.value);
    made.names.push_back(wanted.name);
    made.replaces.push_back(wanted.replaces ? wanted.replaces.value + 1 : 0);
    made.scores.push_back(static_cast<std::uint16_t>(found.fit * 65535 / score_one));
    made.ports.insert(made.ports.end(), found.ports.begin(), found.ports.end());
  }

  Feasibility& feasibility_;
  GroupSearch::Scratch& searched_;
  const State& state_;
  const JobState& job_;
  Plan plan_;
  PlannedNodes nodes_;
};

}  // namespace

Plan Scheduler::plan(const State& state, JobNumber number, const JobState& job) {
  return Planner(feasibility_, planned_, searched_, state, number, job).run();
}

Plan Scheduler::schedule(const State& state, EvaluationNumber evaluation) {
  ORCH_ASSERT(evaluation.value < state.evaluations().size(), "an evaluation that is decided is in the state");
  ORCH_ASSERT(state.evaluation(evaluation).status == EvaluationStatus::pending, "only a pending evaluation is decided");
  const JobNumber job = state.evaluation(evaluation).job;
  Plan made = plan(state, job, state.job(job));
  made.evaluation = evaluation;
  return made;
}

DryRun Scheduler::dry_run(const State& state, const Job& job) {
  const JobNumber number = state.find_job(job.id);
  JobState would_be = number ? state.job(number) : JobState{.id = job.id};
  DryRun made;
  if (number) {
    made.job_modify_index = would_be.newest().job_modify_index;
    made.before = would_be.newest().job;
    made.was_stopped = would_be.stopped;
  }
  if (made.before == nullptr || made.was_stopped || !(*made.before == job)) {
    JobVersion version{.job = std::make_shared<const Job>(job),
                       .version = would_be.versions.empty() ? 0 : would_be.newest().version + 1};
    for (const TaskGroup& group : job.task_groups) version.shapes.push_back(shape_of(group));
    would_be.versions.push_back(std::move(version));
    would_be.stopped = false;
  }
  made.plan = plan(state, number, would_be);
  return made;
}

}  // namespace orch

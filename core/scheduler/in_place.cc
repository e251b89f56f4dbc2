#include "core/scheduler/in_place.h"

#include <algorithm>
#include <string>

#include "core/base/assert.h"
#include "core/scheduler/distinct.h"
#include "core/scheduler/feasible.h"

namespace orch {
namespace {

// A node that is not ready any more may keep what it runs, so readiness is no part of this.
bool is_still_feasible(const Node& node, const Job& job, const TaskGroup& group) {
  const auto& datacenters = job.datacenters;
  std::string reason;
  return std::find(datacenters.begin(), datacenters.end(), node.datacenter) != datacenters.end() &&
         is_feasible(node, job, group, reason);
}

}  // namespace

void check_in_place(const State& state, const JobState& job, GroupChanges& group, Plan& plan) {
  ORCH_ASSERT(plan.placements.empty(), "who stays is settled before anybody is placed");
  if (group.in_place.empty()) return;
  ORCH_ASSERT(group.desired.in_place == group.in_place.size(), "what is desired counts what may move in place");
  const TaskGroup& wanted = job.job().task_groups[group.group];
  Distinct distinct(state, job, wanted, plan);
  for (AllocationNumber n : group.in_place) {
    const NodeNumber node = state.allocation(n).node;
    // It must not be refused for standing in its own way.
    distinct.left(node);
    const bool may_stay =
        is_still_feasible(*state.node(node).node, job.job(), wanted) && distinct.refuses(node).empty();
    distinct.placed(node);
    if (may_stay) {
      plan.in_place.push_back(n);
      continue;
    }
    --group.desired.in_place;
    ++group.destructive_in_all;
    if (group.may_replace == 0) {
      ++group.desired.ignore;
      continue;
    }
    --group.may_replace;
    ++group.desired.destructive;
    group.place.push_back({state.allocation(n).name, n, true});
  }
}

}  // namespace orch

// Which nodes a task group may use at all: datacenter, drivers, constraints; and why the others may not.
//
// Jobs come in few shapes of demand, and a node's properties rarely change, so verdicts are kept per shape and only
// nodes that changed since are looked at again. What is answered never depends on what was asked before: a fresh
// Feasibility gives the same. One thread; belongs to the scheduler of one state.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/reducer/state.h"

namespace orch {

/// Nodes that a group of a job may be placed on, and counts of why others were filtered: each node that was evaluated
/// is in `nodes` or was filtered for one reason.
struct Feasible {
  std::vector<NodeNumber> nodes;  ///< in order of number
  GroupMetrics metrics;  ///< of the nodes that are ready and in the job's datacenters; `group` is left to the caller
};

class Feasibility {
 public:
  /// Valid until the next call. Always of the same state, which only ever grows older.
  const Feasible& find(const State& state, const Job& job, const TaskGroup& group);

 private:
  using Verdict = std::uint16_t;  // not_asked, fits, or 2 + ordinal in `reasons`
  struct Shape {
    LogIndex as_of = 0;
    std::vector<Verdict> verdicts;  // by node
    std::vector<std::string> reasons;
    Feasible feasible;
  };
  void look_again(Shape& shape, const State& state, const Job& job, const TaskGroup& group);

  std::unordered_map<std::string, Shape> shapes_;  // looked up, never walked
  std::string key_;
};

/// Whether one node meets the group's constraints and has its drivers; `reason` gets the text for metrics if not.
bool is_feasible(const Node& node, const Job& job, const TaskGroup& group, std::string& reason);

}  // namespace orch

// One group's search for nodes: exact best fit.
//
// Each feasible node with room is scored once into a heap. The best is taken from it, and only the node that was taken
// is scored again, so a placement costs the logarithm of the number of nodes. Ties go to the lower node number.
//
// What always holds between calls:
// - A node that can take one more allocation has exactly one valid candidate in the heap, with its present score, or
//   stands among the refused. (Candidates that a change made void stay in the heap until they come up.)
// - Whatever changes a node's room, ports or siblings comes through here, and the node is looked at again.
// - distinct_* can refuse a node that others of the group keep out; it comes back when one of them leaves.
//
// Of each node it notes two numbers in a scratch that outlives the search, empty between searches, so that a search
// costs what it touches. State, job, feasible nodes and the plan's nodes must outlive it. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/scheduler/distinct.h"
#include "core/scheduler/feasible.h"
#include "core/scheduler/metrics.h"
#include "core/scheduler/plan.h"
#include "core/scheduler/planned_nodes.h"
#include "core/scheduler/score.h"

namespace orch {

class GroupSearch {
 public:
  struct OfNode {
    std::uint32_t collisions = 0;  // allocations of the group that are there
    std::uint32_t revision = 0;    // a candidate of an older one is void
    bool noted = false;            // stands in `noted_`
  };
  using Scratch = std::vector<OfNode>;

  /// `group`: its ordinal in the job's newest version. `plan`: what was decided before this group.
  GroupSearch(const State& state, const JobState& job, std::uint16_t group, const Feasible& feasible, const Plan& plan,
              PlannedNodes& nodes, Scratch& scratch);
  ~GroupSearch();
  GroupSearch(const GroupSearch&) = delete;
  GroupSearch& operator=(const GroupSearch&) = delete;

  /// Scores all feasible nodes; once, before all else. Those without room are counted.
  void begin(GroupMetrics& metrics);

  struct Found {
    NodeNumber node;
    Score fit;  ///< alone: what holds a node back beside it (its siblings there) follows from the state
    std::vector<std::uint16_t> ports;
  };
  /// Takes room for one more allocation on the best node; nothing when no node will do.
  std::optional<Found> take_best();

  /// The allocation gives up its node, so that its successor may have the room …
  void leave(AllocationNumber n);
  /// … or, since that found no node, stays after all: undoes the last `leave`.
  void stay(AllocationNumber n);

  /// The metrics of the placement that has just found no node.
  GroupMetrics why_nowhere() const { return orch::why_nowhere(state_, nodes_, feasible_, distinct_, shape_); }

 private:
  struct Candidate {
    Score score;
    std::uint32_t node;
    std::uint32_t revision;
    bool operator<(const Candidate& o) const {  // the heap's top is the greatest: best score, then lowest node
      return score != o.score ? score < o.score : node > o.node;
    }
  };
  OfNode& note(NodeNumber n);
  Candidate candidate(NodeNumber n, const NodeUse& use) const;
  void consider(NodeNumber n);
  void look_again(NodeNumber n);

  const State& state_;
  const TaskGroup& group_;
  const GroupShape& shape_;
  const Feasible& feasible_;
  PlannedNodes& nodes_;
  Scratch& scratch_;
  Distinct distinct_;
  std::vector<Candidate> heap_;
  std::vector<NodeNumber> refused_;  // by distinct_*, since the last `leave`
  std::vector<NodeNumber> noted_;    // nodes whose scratch is of this search
};

}  // namespace orch

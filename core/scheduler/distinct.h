// distinct_hosts and distinct_property: constraints on a node that depend on where the job's other allocations are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/reducer/state.h"
#include "core/scheduler/plan.h"

namespace orch {

/// What a group's constraints (and those of its job) say of nodes that already hold allocations. Counts the allocations
/// that stay, those that the plan in the making has placed, and what happens from there on: whoever places one of the
/// group or takes one away tells it (`placed`, `left`), and nobody leaves who was not counted. The state must outlive
/// it. A job without such constraints pays nothing for it.
class Distinct {
 public:
  Distinct(const State& state, const JobState& job, const TaskGroup& group, const Plan& plan);

  /// The constraint's text when the node may not take one more, else empty.
  std::string refuses(NodeNumber node) const;

  /// One of the group came to the node, or left it.
  void placed(NodeNumber node);
  void left(NodeNumber node);

 private:
  /// At most `limit` allocations of the group, or of the whole job, for each value of the target. distinct_hosts is
  /// this with the node itself as the target.
  struct Rule {
    bool hosts = false, whole_job = false;
    std::string target, text;
    std::uint32_t limit = 1;
    std::map<std::string, std::uint32_t> used = {};
  };
  void add_rules(const std::vector<Constraint>& constraints, bool whole_job);
  std::optional<std::string> value_of(const Rule& rule, NodeNumber node) const;
  void count(Rule& rule, NodeNumber node);

  const State& state_;
  std::vector<Rule> rules_;
};

}  // namespace orch

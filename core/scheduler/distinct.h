// distinct_hosts and distinct_property: constraints on a node that depend on where the job's other allocations are.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/reducer/state.h"
#include "core/scheduler/reconcile.h"

namespace orch {

/// Counts the allocations that stay (those in `stops` don't) and what the plan in the making adds.
class Distinct {
 public:
  Distinct(const State& state, const JobState& job, const TaskGroup& group, const std::vector<WantedStop>& stops);

  /// The constraint's text when the node may not take one more, else empty.
  std::string refuses(NodeNumber node) const;

  void placed(NodeNumber node);

 private:
  struct Property {
    std::string target, text;
    std::uint32_t limit = 1;
    std::map<std::string, std::uint32_t> used;
  };
  bool wanted() const { return distinct_hosts_ || !properties_.empty(); }
  void add_property(const Constraint& constraint);

  const State& state_;
  bool distinct_hosts_ = false;
  std::unordered_map<std::uint32_t, std::uint32_t> on_node_;  // looked up, never walked
  std::vector<Property> properties_;
};

}  // namespace orch

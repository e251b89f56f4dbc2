#include "core/scheduler/metrics.h"

#include <string>

namespace orch {

void count(std::vector<NamedCount>& counts, std::string_view name, std::uint32_t by) {
  for (NamedCount& c : counts) {
    if (c.name == name) {
      c.count += by;
      return;
    }
  }
  counts.push_back({std::string(name), by});
}

void count_exhausted(GroupMetrics& metrics, const Node& node, std::string_view dimension) {
  ORCH_ASSERT(!dimension.empty(), "what a node has too little of has a name");
  ++metrics.nodes_exhausted;
  count(metrics.dimension_exhausted, dimension);
  if (!node.node_class.empty()) count(metrics.class_exhausted, node.node_class);
}

GroupMetrics why_nowhere(const State& state, const PlannedNodes& nodes, const Feasible& feasible,
                         const Distinct& distinct, const GroupShape& shape) {
  GroupMetrics metrics = feasible.metrics;
  for (NodeNumber n : feasible.nodes) {
    if (const std::string reason = distinct.refuses(n); !reason.empty()) {
      ++metrics.nodes_filtered;
      count(metrics.constraint_filtered, reason);
      continue;
    }
    // A node that lacks nothing else was tried, and its dynamic ports did not suffice.
    const std::string_view dimension = nodes.exhausted(n, shape);
    count_exhausted(metrics, *state.node(n).node,
                    dimension.empty() ? "network: dynamic port selection failed" : dimension);
  }
  ORCH_ASSERT(metrics.nodes_filtered + metrics.nodes_exhausted == metrics.nodes_evaluated,
              "each node that was looked at would not do for one reason");
  return metrics;
}

}  // namespace orch

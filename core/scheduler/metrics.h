// Counting why nodes would not do, for the metrics that `alloc status` and a blocked evaluation show.
//
// A plan keeps one GroupMetrics per group that placed or failed to. When nothing failed it tells of the nodes as they
// were when the group's search began; else of the first placement that failed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/scheduler/distinct.h"
#include "core/scheduler/feasible.h"
#include "core/scheduler/planned_nodes.h"

namespace orch {

/// Adds to the count of that name; a new name goes to the end, so the order is that of first appearance.
void count(std::vector<NamedCount>& counts, std::string_view name, std::uint32_t by = 1);

/// The node has too little of `dimension`.
void count_exhausted(GroupMetrics& metrics, const Node& node, std::string_view dimension);

/// The metrics of a placement that found no node: `feasible.metrics`, and what each feasible node lacks at this point
/// of the plan. Looks at all of them, so once a group is enough.
GroupMetrics why_nowhere(const State& state, const PlannedNodes& nodes, const Feasible& feasible,
                         const Distinct& distinct, const GroupShape& shape);

}  // namespace orch

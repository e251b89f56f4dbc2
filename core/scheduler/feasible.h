// Which nodes a task group may use at all: datacenter, drivers, constraints; and why the others may not.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/reducer/state.h"

namespace orch {

/// Nodes by number that a group of the job may be placed on, and counts of why others were filtered.
struct Feasible {
  std::vector<NodeNumber> nodes;
};

/// Looks at every ready node in the job's datacenters and fills `metrics`.
Feasible feasible_nodes(const State& state, const Job& job, const TaskGroup& group, GroupMetrics& metrics);

/// Whether one node meets the group's constraints and has its drivers; `reason` gets the text for metrics if not.
bool is_feasible(const Node& node, const Job& job, const TaskGroup& group, std::string& reason);

void count(std::vector<NamedCount>& counts, std::string_view name, std::uint32_t by = 1);

}  // namespace orch

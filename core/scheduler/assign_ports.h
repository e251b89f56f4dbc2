// Which host ports an allocation gets on its node.
//
// Reserved ports are as the job asks for them. Dynamic ones lie in [dynamic_port_first, dynamic_port_last], are none
// that any network of the group reserves, and are looked for from a starting point that moves with the state's index
// and differs from node to node, so that a port that was just given back is not handed out at once: somebody may still
// talk to it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/scheduler/planned_nodes.h"

namespace orch {

/// A port for each that the group asks for, in the order of its networks: the group's own, then its tasks', reserved
/// ones before dynamic ones; as many as `shape`, the group's, counts. Nothing when too few dynamic ones are free. That
/// the reserved ones are free is the caller's business (`PlannedNodes::exhausted`).
std::optional<std::vector<std::uint16_t>> assign_ports(const PlannedNodes& nodes, NodeNumber n, const TaskGroup& group,
                                                       const GroupShape& shape, LogIndex state_index);

}  // namespace orch

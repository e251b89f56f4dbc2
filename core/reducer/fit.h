// Whether one more allocation of a shape fits on a node: `missing_room` is asked by the scheduler before a plan and by
// the reducer when the plan is applied, so what the one plans the other takes.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "core/reducer/state.h"

namespace orch {

inline constexpr std::uint16_t dynamic_port_first = 20000;
inline constexpr std::uint16_t dynamic_port_last = 32000;

/// What is used on a node, as a plan in the making sees it: the state's figures plus what the plan adds and less what
/// it stops.
struct NodeUse {
  std::int64_t cpu = 0, memory_mb = 0, disk_mb = 0, mbits = 0;
  static NodeUse of(const NodeState& node) {
    return {node.cpu_used, node.memory_used_mb, node.disk_used_mb, node.mbits_used};
  }
  void add(const GroupShape& s) { cpu += s.cpu, memory_mb += s.memory_mb, disk_mb += s.disk_mb, mbits += s.mbits; }
  void remove(const GroupShape& s) { cpu -= s.cpu, memory_mb -= s.memory_mb, disk_mb -= s.disk_mb, mbits -= s.mbits; }
};

/// The first dimension that is exhausted ("cpu", "memory", "disk", "network: bandwidth exceeded"), or empty when it
/// fits. Host ports are looked at apart: `PlannedNodes::exhausted` before the plan, core/reducer/plan.cc after.
inline std::string_view exhausted_dimension(const NodeState& node, const NodeUse& use, const GroupShape& shape) {
  if (use.cpu + shape.cpu > node.cpu) return "cpu";
  if (use.memory_mb + shape.memory_mb > node.memory_mb) return "memory";
  if (use.disk_mb + shape.disk_mb > node.disk_mb) return "disk";
  if (shape.mbits > 0 && use.mbits + shape.mbits > node.mbits) return "network: bandwidth exceeded";
  return {};
}

/// Whether a port is asked for twice, which is asking for what no node has. (Validation refuses such a job; the log may
/// hold one.)
bool has_a_port_twice(std::span<const std::uint16_t> ports);

/// What the node has too little of for one more with these host ports, as metrics word it; empty when it fits.
/// `is_free(port)`: nobody else on the node has it.
template <class IsFree>
std::string_view missing_room(const NodeState& node, const NodeUse& use, const GroupShape& shape,
                              std::span<const std::uint16_t> ports, IsFree&& is_free) {
  if (const std::string_view dimension = exhausted_dimension(node, use, shape); !dimension.empty()) return dimension;
  for (const std::uint16_t port : ports) {
    if (!is_free(port)) return "network: reserved port collision";
  }
  if (ports.size() > 1 && has_a_port_twice(ports)) return "network: reserved port collision";
  return {};
}

}  // namespace orch

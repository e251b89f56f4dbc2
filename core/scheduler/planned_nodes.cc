#include "core/scheduler/planned_nodes.h"

#include <algorithm>

namespace orch {

PlannedNodes::PlannedNodes(const State& state, Scratch& scratch) : state_(state), scratch_(scratch) {
  if (scratch_.size() < state.nodes().size()) scratch_.resize(state.nodes().size());
}

PlannedNodes::~PlannedNodes() {
  for (const Entry& entry : entries_) scratch_[entry.node.value] = 0;
}

PlannedNodes::Entry& PlannedNodes::entry(NodeNumber n) {
  ORCH_ASSERT(n.value < state_.nodes().size(), "a plan touches nodes of its state only");
  std::uint32_t& mark = scratch_[n.value];
  if (mark == 0) {
    entries_.push_back({.node = n, .use = NodeUse::of(state_.node(n))});
    mark = static_cast<std::uint32_t>(entries_.size());
  }
  const auto at = entries_.begin() + (mark - 1);
  ORCH_ASSERT(at < entries_.end() && at->node == n, "a mark in the scratch is of this plan");
  return *at;
}

void PlannedNodes::free_room(AllocationNumber n) {
  const AllocationState& a = state_.allocation(n);
  if (!a.holds_room()) return;
  Entry& e = entry(a.node);
  e.use.remove(state_.shape_of(a));
  for (std::uint16_t port : state_.ports_of(n)) e.freed_ports.push_back(port);
}

void PlannedNodes::hold_room(AllocationNumber n) {
  const AllocationState& a = state_.allocation(n);
  if (!a.holds_room()) return;
  Entry& e = entry(a.node);
  const std::vector<std::uint16_t> ports = state_.ports_of(n);
  ORCH_ASSERT(e.freed_ports.size() >= ports.size() && std::equal(ports.rbegin(), ports.rend(), e.freed_ports.rbegin()),
              "only the last that was freed on a node can hold its room again");
  e.use.add(state_.shape_of(a));
  e.freed_ports.resize(e.freed_ports.size() - ports.size());
}

void PlannedNodes::take_room(NodeNumber n, const GroupShape& shape, std::span<const std::uint16_t> ports) {
  ORCH_ASSERT(ports.size() == shape.port_count(), "an allocation has as many ports as its shape asks for");
  Entry& e = entry(n);
  e.use.add(shape);
  e.taken_ports.insert(e.taken_ports.end(), ports.begin(), ports.end());
}

bool PlannedNodes::port_free(NodeNumber n, std::uint16_t port) const {
  if (const Entry* planned = find(n)) {
    // Taken comes first: a port that one allocation gave back may have gone to the next.
    const auto& taken = planned->taken_ports;
    if (std::find(taken.begin(), taken.end(), port) != taken.end()) return false;
    const auto& freed = planned->freed_ports;
    if (std::find(freed.begin(), freed.end(), port) != freed.end()) return true;
  }
  const auto& ports = state_.node(n).ports;
  return !std::binary_search(ports.begin(), ports.end(), port);
}

}  // namespace orch

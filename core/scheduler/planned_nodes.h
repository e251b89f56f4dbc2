// The nodes as the plan in the making would leave them: what the state says of their room and ports, plus what the plan
// has placed so far and less what it has stopped.
//
// A plan touches few of many nodes, and only those have an entry here. Which entry a node has stands in a scratch by
// node that outlives the plan, so that a look-up is one read of an array and a small plan on a large cluster costs what
// it touches. The scratch is all zeros between plans; the destructor sees to that, so a scratch serves one PlannedNodes
// at a time. The state must not change meanwhile. One thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "core/base/assert.h"
#include "core/reducer/fit.h"
#include "core/reducer/state.h"

namespace orch {

class PlannedNodes {
 public:
  /// By node: the ordinal of its entry + 1; 0: the plan does not touch it.
  using Scratch = std::vector<std::uint32_t>;

  PlannedNodes(const State& state, Scratch& scratch);
  ~PlannedNodes();
  PlannedNodes(const PlannedNodes&) = delete;
  PlannedNodes& operator=(const PlannedNodes&) = delete;

  /// The allocation gives its room and its ports back, if it has any.
  void free_room(AllocationNumber n);
  /// Undoes `free_room` of the allocation that was freed last on its node.
  void hold_room(AllocationNumber n);
  /// One more allocation of the shape, with these host ports.
  void take_room(NodeNumber n, const GroupShape& shape, std::span<const std::uint16_t> ports);

  NodeUse use_of(NodeNumber n) const {
    const Entry* entry = find(n);
    return entry == nullptr ? NodeUse::of(state_.node(n)) : entry->use;
  }

  /// What the node has too little of for one more, as metrics word it; empty when the shape fits. Dynamic ports are not
  /// looked at: nearly always there are some, and `assign_ports` finds out.
  std::string_view exhausted(NodeNumber n, const GroupShape& shape) const { return exhausted(n, use_of(n), shape); }
  /// For whoever has the node's use at hand.
  std::string_view exhausted(NodeNumber n, const NodeUse& use, const GroupShape& shape) const {
    return missing_room(n, use, shape, shape.static_ports);
  }
  /// With all of its ports; `assign_ports` finds some for which nothing is missing.
  std::string_view missing_room(NodeNumber n, const NodeUse& use, const GroupShape& shape,
                                std::span<const std::uint16_t> ports) const {
    return orch::missing_room(state_.node(n), use, shape, ports,
                              [&](std::uint16_t port) { return port_free(n, port); });
  }

  bool port_free(NodeNumber n, std::uint16_t port) const;

 private:
  struct Entry {
    NodeNumber node;
    NodeUse use;
    std::vector<std::uint16_t> freed_ports, taken_ports;  // unsorted, few
  };
  Entry& entry(NodeNumber n);
  const Entry* find(NodeNumber n) const {
    const std::uint32_t mark = scratch_[n.value];
    if (mark == 0) return nullptr;
    const auto at = entries_.begin() + (mark - 1);
    ORCH_ASSERT(at < entries_.end() && at->node == n, "a mark in the scratch is of this plan");
    return &*at;
  }

  const State& state_;
  Scratch& scratch_;
  std::vector<Entry> entries_;
};

}  // namespace orch

// What happened to a node, as `node status` lists it: told from one version of the node to the next.
//
// Nothing of it is in the log or the state: a node's record says what is, and the view compares. A NodeEvents is the
// fold's memory of one node; after a restart it is read back from the node's newest row, so rows are the same whether
// the fold went on or began anew.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/reducer/state.h"
#include "projections/node_row.h"

namespace orch {

class NodeEvents {
 public:
  static constexpr std::size_t kept = 10;

  NodeEvents() = default;
  /// From the newest row of the node.
  explicit NodeEvents(std::string_view row);

  /// Takes what a record made of the node; answers whether it was known and its status is another now.
  bool fold(const NodeState& node, LogIndex index, WallTime wall);

  /// Oldest first, the last `kept` of them.
  const std::vector<NodeEvent>& list() const { return list_; }

 private:
  void add(LogIndex index, WallTime wall, std::string_view subsystem, std::string_view message,
           std::string_view driver = {});

  struct Driver {
    bool detected = false, healthy = false;
    bool operator==(const Driver&) const = default;
  };
  bool known_ = false, eligible_ = true;
  NodeStatus status_ = NodeStatus::initializing;
  std::map<std::string, Driver, std::less<>> drivers_;
  std::vector<NodeEvent> list_;
};

}  // namespace orch

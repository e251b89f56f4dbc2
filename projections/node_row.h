// A node's row: what lists, allocations and the node's own history need as columns, and the node's own JSON.
//
// `fields` is JSON on purpose: it is most of a node (hundreds of attributes), is written once by the field tables, and
// is shown as it was registered. All that the cluster adds is a column and is put in by `append_whole`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/log/log.h"
#include "core/model/json_writer.h"
#include "core/reducer/state.h"

namespace orch {

/// Something that happened to a node, as `node status` lists it.
struct NodeEvent {
  LogIndex index = 0;
  WallTime wall;  ///< in whole seconds
  std::string subsystem, message;
  std::string driver;  ///< empty: of the node itself
};

struct NodeRow {
  LogIndex create_index, modify_index;
  NodeStatus status;
  bool eligible;
  WallTime status_at;
  std::string_view uuid, name, datacenter, node_class, version, ip, device;
  std::uint64_t computed_class;  ///< nodes that are alike to the scheduler have the same
  std::string_view drivers;      ///< JSON, which the list of nodes shows too; part of `fields`
  std::string_view fields;       ///< JSON without braces

  /// How a driver was, which the next version of the node is compared with.
  struct Driver {
    std::string_view name;
    bool detected, healthy;
  };

  static std::string encode(const NodeState& node, const std::vector<NodeEvent>& events);
  static NodeRow decode(std::string_view row);

  /// Decoded when they are asked for: most who read a node's row don't.
  std::vector<NodeEvent> events() const;
  std::vector<Driver> driver_states() const;

  /// The whole object, and the list's entry.
  void append_whole(JsonWriter& json) const;
  void append_entry(JsonWriter& json) const;

 private:
  void append_changing_members(JsonWriter& json) const;
  std::string_view events_, driver_states_;
};

}  // namespace orch

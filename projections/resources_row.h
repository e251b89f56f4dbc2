// What a task group's allocation gets, as it is kept with a job's version: amounts and asked-for networks of the group
// and its tasks, as columns. Which ports each allocation has is in the chunk that placed it (rows.h), and the address
// is its node's: `append_members` puts the three together.
//
// Ports are numbered as in GroupShape (core/reducer/state.h): the group's networks before its tasks', in the order of
// the job; of a network the static ports before the dynamic ones.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/model/job.h"
#include "core/model/json_writer.h"
#include "projections/row_codec.h"

namespace orch {

struct ResourcesRow {
  struct AskedPort {
    std::string_view label;
    std::int32_t to;
  };
  struct Network {
    std::int32_t mbits;
    std::string_view mode;
    std::vector<AskedPort> fixed, dynamic;
    std::uint32_t port_count() const { return static_cast<std::uint32_t>(fixed.size() + dynamic.size()); }
  };
  struct Amounts {
    std::int64_t cpu = 0, disk_mb = 0, memory_mb = 0;
  };
  struct TaskPart {
    std::string_view name;
    Amounts amounts;
    std::vector<Network> networks;
  };
  std::int64_t disk_mb = 0;  // of the group, which its tasks share
  std::vector<Network> networks;
  std::vector<TaskPart> tasks;

  static std::string encode(const TaskGroup& group);
  static ResourcesRow decode(std::string_view row);

  std::uint32_t port_count() const;

  /// What one allocation has of the node that it is on. A port beyond the column is 0.
  struct Given {
    std::string_view ip, device;
    ColumnView<std::uint16_t> ports;
    std::size_t first_port = 0;
    std::uint32_t port(std::size_t number) const {
      return first_port + number < ports.size() ? ports[first_port + number] : 0;
    }
  };
  /// Resources, SharedResources and TaskResources, as members of the object that is being written.
  void append_members(JsonWriter& json, const Given& given) const;
};

}  // namespace orch

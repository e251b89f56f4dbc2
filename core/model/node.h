// A node as its client describes it: where it is, what it has, which drivers work.
//
// What the cluster adds (status, eligibility, what runs there) is in reducer/state.h. Amounts: MHz, MiB.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/model/job.h"

namespace orch {

struct DriverInfo {
  StringMap attributes;
  bool detected = false;
  std::string health_description;
  bool healthy = false;
  std::string update_time;  // RFC 3339, the node's clock: for display only
  bool operator==(const DriverInfo&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD("Attributes", "", attributes);
    ORCH_FIELD("Detected", "", detected);
    ORCH_FIELD("HealthDescription", "", health_description);
    ORCH_FIELD("Healthy", "", healthy);
    ORCH_FIELD("UpdateTime", "", update_time);
  }
};

struct NodeResources {
  std::int32_t cpu = 0, disk_mb = 0, iops = 0, memory_mb = 0;
  std::vector<NetworkResource> networks;
  bool operator==(const NodeResources&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD("CPU", "", cpu);
    ORCH_FIELD("DiskMB", "", disk_mb);
    ORCH_FIELD("IOPS", "", iops);
    ORCH_FIELD("MemoryMB", "", memory_mb);
    ORCH_FIELD("Networks", "", networks);
  }
};

struct Node {
  StringMap attributes;
  std::string datacenter = "dc1";
  std::map<std::string, DriverInfo> drivers;
  std::string http_addr, id;
  StringMap links, meta;
  std::string name, node_class;
  NodeResources reserved, resources;
  bool operator==(const Node&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD("Attributes", "", attributes);
    ORCH_FIELD("Datacenter", "", datacenter);
    ORCH_FIELD("Drivers", "", drivers);
    ORCH_FIELD("HTTPAddr", "", http_addr);
    ORCH_FIELD("ID", "", id);
    ORCH_FIELD("Links", "", links);
    ORCH_FIELD("Meta", "", meta);
    ORCH_FIELD("Name", "", name);
    ORCH_FIELD("NodeClass", "", node_class);
    ORCH_FIELD("Reserved", "", reserved);
    ORCH_FIELD("Resources", "", resources);
  }
};

}  // namespace orch

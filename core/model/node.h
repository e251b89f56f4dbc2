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
    ORCH_FIELD(1, "Attributes", "", attributes);
    ORCH_FIELD(2, "Detected", "", detected);
    ORCH_FIELD(3, "HealthDescription", "", health_description);
    ORCH_FIELD(4, "Healthy", "", healthy);
    ORCH_FIELD(5, "UpdateTime", "", update_time);
  }
};

struct NodeResources {
  std::int32_t cpu = 0, disk_mb = 0, iops = 0, memory_mb = 0;
  std::vector<NetworkResource> networks;
  bool operator==(const NodeResources&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(1, "CPU", "", cpu);
    ORCH_FIELD(2, "DiskMB", "", disk_mb);
    ORCH_FIELD(3, "IOPS", "", iops);
    ORCH_FIELD(4, "MemoryMB", "", memory_mb);
    ORCH_FIELD(5, "Networks", "", networks);
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
    ORCH_FIELD(1, "Attributes", "", attributes);
    ORCH_FIELD(2, "Datacenter", "", datacenter);
    ORCH_FIELD(3, "Drivers", "", drivers);
    ORCH_FIELD(4, "HTTPAddr", "", http_addr);
    ORCH_FIELD(5, "ID", "", id);
    ORCH_FIELD(6, "Links", "", links);
    ORCH_FIELD(7, "Meta", "", meta);
    ORCH_FIELD(8, "Name", "", name);
    ORCH_FIELD(9, "NodeClass", "", node_class);
    ORCH_FIELD(10, "Reserved", "", reserved);
    ORCH_FIELD(11, "Resources", "", resources);
  }
};

}  // namespace orch

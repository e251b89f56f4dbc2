// What this machine is and has, as a Node with Nomad's attribute names.
//
// Read from /proc, /sys, /etc/os-release and the network interfaces; a source that is missing leaves its attribute out.
// The drivers' part is asked of the drivers and may change at any time (`fingerprint_drivers`); the rest is read once
// at start.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/model/node.h"
#include "core/runner/task_driver.h"

namespace orch::client {

struct FingerprintOptions {
  std::string node_id;
  std::string name;                ///< empty: the host's name
  std::string datacenter = "dc1";
  std::string node_class;
  StringMap meta;
  std::string http_addr;           ///< where this agent's HTTP interface can be reached
  std::string alloc_root;          ///< the folder whose file system counts as the node's disk
  std::string network_interface;   ///< empty: the one of the default route, or lo without one
  std::int32_t network_speed = 0;  ///< Mbit/s; 0: as the interface says, else 1000
  std::int32_t cpu_total = 0;      ///< MHz; 0: cores × frequency
  NodeResources reserved;
  std::string version;
};

/// The node without its drivers.
Node fingerprint_host(const FingerprintOptions& options);

/// Writes the drivers' health into the node: Drivers[...] and driver.* attributes. Answers whether anything but a
/// timestamp changed.
bool fingerprint_drivers(Node& node, const std::vector<TaskDriver*>& drivers, WallTime now);

}  // namespace orch::client

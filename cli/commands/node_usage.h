// What a node holds and uses: the sections of `node status` between its events and its allocations.
#pragma once

#include <boost/json/value.hpp>

#include "cli/api_client.h"

namespace orch::cli {

/// Host statistics are null when the node's agent could not be asked; sections that need them are left out then.
struct NodeUsage {
  const boost::json::value& node;
  const boost::json::value& allocations;
  const boost::json::value& host;
};

void print_allocated(const NodeUsage& usage);
/// Asks the node's agent for the usage of each running allocation.
void print_allocation_utilization(const NodeUsage& usage, ApiClient& agent);
void print_host_utilization(const NodeUsage& usage);
/// CPU, memory and disks one by one (-stats).
void print_host_details(const NodeUsage& usage);

}  // namespace orch::cli

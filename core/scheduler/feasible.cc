#include "core/scheduler/feasible.h"

#include <algorithm>

#include "core/scheduler/constraint.h"

namespace orch {
namespace {

bool has_driver(const Node& node, const std::string& driver) {
  auto it = node.drivers.find(driver);
  if (it != node.drivers.end()) return it->second.detected && it->second.healthy;
  // Clients that report drivers as attributes only.
  auto attribute = node.attributes.find("driver." + driver);
  return attribute != node.attributes.end() && (attribute->second == "1" || attribute->second == "true");
}

bool meets_all(const std::vector<Constraint>& constraints, const Node& node, std::string& reason) {
  for (const Constraint& constraint : constraints) {
    if (meets(constraint, node)) continue;
    reason = text(constraint);
    return false;
  }
  return true;
}

}  // namespace

void count(std::vector<NamedCount>& counts, std::string_view name, std::uint32_t by) {
  for (NamedCount& c : counts) {
    if (c.name == name) {
      c.count += by;
      return;
    }
  }
  counts.push_back({std::string(name), by});
}

bool is_feasible(const Node& node, const Job& job, const TaskGroup& group, std::string& reason) {
  if (!meets_all(job.constraints, node, reason)) return false;
  for (const Task& task : group.tasks) {
    if (has_driver(node, task.driver)) continue;
    reason = "missing drivers";
    return false;
  }
  if (!meets_all(group.constraints, node, reason)) return false;
  for (const Task& task : group.tasks) {
    if (!meets_all(task.constraints, node, reason)) return false;
  }
  return true;
}

Feasible feasible_nodes(const State& state, const Job& job, const TaskGroup& group, GroupMetrics& metrics) {
  Feasible feasible;
  for (const std::string& datacenter : job.datacenters) metrics.nodes_available.push_back({datacenter, 0});
  std::string reason;
  for (std::size_t i = 0; i < state.nodes().size(); ++i) {
    const NodeState& node = state.nodes()[i];
    if (!node.ready()) continue;
    const auto& datacenters = job.datacenters;
    auto it = std::find(datacenters.begin(), datacenters.end(), node.node->datacenter);
    if (it == datacenters.end()) continue;
    ++metrics.nodes_available[static_cast<std::size_t>(it - datacenters.begin())].count;
    ++metrics.nodes_evaluated;
    if (is_feasible(*node.node, job, group, reason)) {
      feasible.nodes.push_back(NodeNumber{static_cast<std::uint32_t>(i)});
      continue;
    }
    ++metrics.nodes_filtered;
    count(metrics.constraint_filtered, reason);
    if (!node.node->node_class.empty()) count(metrics.class_filtered, node.node->node_class);
  }
  return feasible;
}

}  // namespace orch

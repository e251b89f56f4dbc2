#include "core/scheduler/feasible.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/scheduler/constraint.h"
#include "core/scheduler/metrics.h"

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

constexpr std::uint16_t not_asked = 0, fits = 1, first_reason = 2;
constexpr std::size_t most_reasons = 0xffff - first_reason;  // per shape; beyond it the last one stands for the rest
constexpr std::size_t kept_verdicts = 16'000'000;             // 32 MB

// All that a verdict depends on beside the node, as one text.
void make_key(std::string& key, const Job& job, const TaskGroup& group) {
  key.clear();
  auto add = [&](std::string_view text) {
    key += std::to_string(text.size());
    key += ':';
    key += text;
  };
  auto add_constraints = [&](const std::vector<Constraint>& constraints) {
    for (const Constraint& c : constraints) add(c.l_target), add(c.operand), add(c.r_target);
    key += ';';
  };
  for (const std::string& datacenter : job.datacenters) add(datacenter);
  key += ';';
  add_constraints(job.constraints);
  add_constraints(group.constraints);
  for (const Task& task : group.tasks) {
    add(task.driver);
    add_constraints(task.constraints);
  }
}

}  // namespace

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

const Feasible& Feasibility::find(const State& state, const Job& job, const TaskGroup& group) {
  make_key(key_, job, group);
  auto it = shapes_.find(key_);
  if (it == shapes_.end()) {
    // Bounds memory; what is forgotten is worked out again.
    if ((shapes_.size() + 1) * state.nodes().size() > kept_verdicts) shapes_.clear();
    it = shapes_.try_emplace(key_).first;
  }
  Shape& shape = it->second;
  ORCH_ASSERT(shape.as_of <= state.index(), "verdicts are of this state, at this index or before");
  if (shape.as_of < state.nodes_index() || shape.verdicts.size() != state.nodes().size()) {
    look_again(shape, state, job, group);
  }
  return shape.feasible;
}

void Feasibility::look_again(Shape& shape, const State& state, const Job& job, const TaskGroup& group) {
  const std::size_t known = shape.verdicts.size();
  shape.verdicts.resize(state.nodes().size(), not_asked);
  Feasible& feasible = shape.feasible;
  feasible = {};
  for (const std::string& datacenter : job.datacenters) feasible.metrics.nodes_available.push_back({datacenter, 0});
  std::string reason;
  for (std::size_t i = 0; i < state.nodes().size(); ++i) {
    const NodeState& node = state.nodes()[i];
    if (!node.ready()) continue;
    const auto& datacenters = job.datacenters;
    const auto at = std::find(datacenters.begin(), datacenters.end(), node.node->datacenter);
    if (at == datacenters.end()) continue;
    ++feasible.metrics.nodes_available[static_cast<std::size_t>(at - datacenters.begin())].count;
    ++feasible.metrics.nodes_evaluated;
    Verdict& verdict = shape.verdicts[i];
    if (i >= known || verdict == not_asked || node.modify_index > shape.as_of) {
      verdict = fits;
      if (!is_feasible(*node.node, job, group, reason)) {
        auto text = std::find(shape.reasons.begin(), shape.reasons.end(), reason);
        if (text == shape.reasons.end() && shape.reasons.size() == most_reasons) --text;
        if (text == shape.reasons.end()) text = shape.reasons.insert(text, reason);
        verdict = static_cast<Verdict>(first_reason + (text - shape.reasons.begin()));
      }
    }
    if (verdict == fits) {
      feasible.nodes.push_back(NodeNumber{static_cast<std::uint32_t>(i)});
      continue;
    }
    ORCH_ASSERT(verdict >= first_reason && verdict - first_reason < shape.reasons.size(), "a refusal has a reason");
    ++feasible.metrics.nodes_filtered;
    count(feasible.metrics.constraint_filtered, shape.reasons[static_cast<std::size_t>(verdict - first_reason)]);
    if (!node.node->node_class.empty()) count(feasible.metrics.class_filtered, node.node->node_class);
  }
  ORCH_ASSERT(feasible.nodes.size() + feasible.metrics.nodes_filtered == feasible.metrics.nodes_evaluated,
              "each node that was evaluated is feasible or was filtered");
  shape.as_of = state.index();
}

}  // namespace orch

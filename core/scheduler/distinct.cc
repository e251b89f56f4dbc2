#include "core/scheduler/distinct.h"

#include <charconv>
#include <set>

#include "core/base/assert.h"
#include "core/scheduler/constraint.h"

namespace orch {

Distinct::Distinct(const State& state, const JobState& job, const TaskGroup& group, const Plan& plan) : state_(state) {
  add_rules(job.job().constraints, true);
  add_rules(group.constraints, false);
  for (const Task& task : group.tasks) add_rules(task.constraints, false);
  if (rules_.empty()) return;
  std::set<AllocationNumber> stopped;
  for (const WantedStop& s : plan.stops) stopped.insert(s.allocation);
  for (AllocationNumber n : job.current) {
    const AllocationState& a = state.allocation(n);
    if (!a.holds_room() || stopped.contains(n)) continue;
    // By name: allocations of older versions belong to the group as well.
    const bool same_group = state.group_of(a).name == group.name;
    for (Rule& rule : rules_) {
      if (rule.whole_job || same_group) count(rule, a.node);
    }
  }
  for (const GroupPlacements& placed : plan.placements) {  // of groups before this one
    for (std::uint32_t node : placed.nodes) {
      for (Rule& rule : rules_) {
        if (rule.whole_job) count(rule, NodeNumber{node});
      }
    }
  }
}

void Distinct::add_rules(const std::vector<Constraint>& constraints, bool whole_job) {
  for (const Constraint& c : constraints) {
    if (c.operand == "distinct_hosts" && c.r_target != "false") {
      rules_.push_back({.hosts = true, .whole_job = whole_job, .text = "distinct_hosts"});
    }
    if (c.operand != "distinct_property") continue;
    Rule rule{.whole_job = whole_job, .target = c.l_target, .text = orch::text(c)};
    std::uint32_t limit = 1;
    const std::string& value = c.r_target;
    if (std::from_chars(value.data(), value.data() + value.size(), limit).ec == std::errc{}) rule.limit = limit;
    rules_.push_back(std::move(rule));
  }
}

std::optional<std::string> Distinct::value_of(const Rule& rule, NodeNumber node) const {
  const Node& n = *state_.node(node).node;
  return rule.hosts ? std::optional(n.id) : resolve_target(rule.target, n);
}

std::string Distinct::refuses(NodeNumber node) const {
  for (const Rule& rule : rules_) {
    const auto value = value_of(rule, node);
    if (!value) return rule.text;  // as Nomad: what a node does not have can't be distinct
    auto it = rule.used.find(*value);
    if (it != rule.used.end() && it->second >= rule.limit) return rule.text;
  }
  return {};
}

void Distinct::count(Rule& rule, NodeNumber node) {
  if (const auto value = value_of(rule, node)) ++rule.used[*value];
}

void Distinct::placed(NodeNumber node) {
  for (Rule& rule : rules_) count(rule, node);
}

void Distinct::left(NodeNumber node) {
  for (Rule& rule : rules_) {
    const auto value = value_of(rule, node);
    if (!value) continue;
    std::uint32_t& used = rule.used[*value];
    ORCH_ASSERT(used > 0, "who leaves was counted");
    --used;
  }
}

}  // namespace orch

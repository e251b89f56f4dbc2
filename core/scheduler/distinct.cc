#include "core/scheduler/distinct.h"

#include <charconv>
#include <set>

#include "core/scheduler/constraint.h"

namespace orch {

Distinct::Distinct(const State& state, const JobState& job, const TaskGroup& group,
                   const std::vector<WantedStop>& stops)
    : state_(state) {
  bool whole_job = false;
  for (const Constraint& c : job.job().constraints) {
    if (c.operand == "distinct_hosts" && c.r_target != "false") distinct_hosts_ = whole_job = true;
    if (c.operand == "distinct_property") add_property(c), whole_job = true;
  }
  for (const Constraint& c : group.constraints) {
    if (c.operand == "distinct_hosts" && c.r_target != "false") distinct_hosts_ = true;
    if (c.operand == "distinct_property") add_property(c);
  }
  if (!wanted()) return;
  std::set<AllocationNumber> stopped;
  for (const WantedStop& s : stops) stopped.insert(s.allocation);
  for (AllocationNumber n : job.current) {
    const AllocationState& a = state.allocation(n);
    if (!a.holds_room() || stopped.contains(n)) continue;
    if (!whole_job && state.group_of(a).name != group.name) continue;
    placed(a.node);
  }
}

void Distinct::add_property(const Constraint& constraint) {
  Property property{.target = constraint.l_target, .text = orch::text(constraint)};
  std::uint32_t limit = 1;
  const std::string& value = constraint.r_target;
  if (std::from_chars(value.data(), value.data() + value.size(), limit).ec == std::errc{}) property.limit = limit;
  properties_.push_back(std::move(property));
}

std::string Distinct::refuses(NodeNumber node) const {
  if (distinct_hosts_ && on_node_.contains(node.value)) return "distinct_hosts";
  for (const Property& property : properties_) {
    const auto value = resolve_target(property.target, *state_.node(node).node);
    if (!value) return property.text;
    auto it = property.used.find(*value);
    if (it != property.used.end() && it->second >= property.limit) return property.text;
  }
  return {};
}

void Distinct::placed(NodeNumber node) {
  if (!wanted()) return;
  ++on_node_[node.value];
  for (Property& property : properties_) {
    if (const auto value = resolve_target(property.target, *state_.node(node).node)) ++property.used[*value];
  }
}

}  // namespace orch

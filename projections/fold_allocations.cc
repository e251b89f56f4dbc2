// Rows of allocations: the chunk that placed them, what the cluster wants of each since, what its client reports, and
// what all that means for its node.
#include <optional>

#include "projections/folds.h"
#include "projections/rows.h"

namespace orch {
namespace {

// Of the plan's group that the chunk was placed for: why there and not elsewhere. None when the plan does not say.
std::optional<GroupMetrics> metrics_of(const wire::SubmitPlan& plan, std::uint16_t task_group) {
  for (std::uint32_t i = 0; plan.metrics() != nullptr && i < plan.metrics()->size(); ++i) {
    const wire::GroupMetrics& m = *plan.metrics()->Get(i);
    if (m.group() != task_group) continue;
    GroupMetrics own{.group = m.group(),
                     .nodes_evaluated = m.nodes_evaluated(),
                     .nodes_filtered = m.nodes_filtered(),
                     .nodes_exhausted = m.nodes_exhausted()};
    auto copy = [](std::vector<NamedCount>& to, const auto* from) {
      for (std::uint32_t k = 0; from != nullptr && k < from->size(); ++k) {
        to.push_back({from->Get(k)->name()->str(), from->Get(k)->count()});
      }
    };
    copy(own.nodes_available, m.nodes_available());
    copy(own.class_filtered, m.class_filtered());
    copy(own.constraint_filtered, m.constraint_filtered());
    copy(own.class_exhausted, m.class_exhausted());
    copy(own.dimension_exhausted, m.dimension_exhausted());
    return own;
  }
  return {};
}

}  // namespace

void AllocationFold::placed(const FoldedGroup& group, const Event& event, Changes& out) {
  const State& state = group.state;
  ORCH_ASSERT(event.count != 0 && event.number + event.count <= state.allocations().size(),
              "what was placed is in the state");
  out.touch(Noun::allocations, group.index);
  const AllocationState& lead = state.allocations()[event.number];
  std::optional<GroupMetrics> metrics;
  if (group.type_of(event) == wire::Command::SubmitPlan) {
    metrics = metrics_of(group.command_of<wire::SubmitPlan>(event), lead.group);
  }
  out.put(Table::chunks, key_of(event.number),
          encode_chunk(state, group.index, group.wall, event.number, event.count, metrics));
  out.put(Table::job_chunks, key_of(lead.job.value, event.number), {});
  out.put(Table::evaluation_chunks, key_of(lead.evaluation.value, event.number), {});
  for (std::uint32_t i = 0; i < event.count; ++i) {
    on_nodes_[state.allocations()[event.number + i].node.value].push_back(event.number + i);
  }
}

void AllocationFold::desired(const FoldedGroup& group, AllocationNumber n, Changes& out) {
  out.touch(Noun::allocations, group.index);
  const AllocationState& a = group.state.allocation(n);
  on_nodes_[a.node.value].push_back(n.value);
  const bool kept = a.desired == DesiredStatus::run && !a.next;
  // What ended long ago may be of a version that is forgotten; its ports were told before.
  const bool known = group.state.job(a.job).version(a.job_version) != nullptr;
  DesiredRow::encode(out.row.fresh(), a, group.wall, known ? group.state.ports_of(n) : std::vector<std::uint16_t>());
  out.put(Table::allocation_desired, version_key(n.value, group.index), out.row.view());
  if (kept) out.put(Table::evaluation_chunks, key_of(a.evaluation.value, n.value), "1");
  if (a.health == Health::unset && a.desired == DesiredStatus::run) {
    HealthRow::encode(out.row.fresh(), Health::unset, group.wall);
    out.put(Table::allocation_health, reported_version_key(a.node.value, n.value, group.index), out.row.view());
  }
}

void AllocationFold::reported(const FoldedGroup& group, const Event& event, Changes& out) {
  out.touch(Noun::allocations, group.index);
  const auto& report = group.command_of<wire::UpdateAllocations>(event);
  const auto told = [&](const auto* column) { return column != nullptr && event.row < column->size(); };
  const std::string_view description =
      told(report.descriptions()) ? report.descriptions()->Get(event.row)->string_view() : std::string_view();
  const std::string_view states =
      told(report.task_states()) ? states_in(*report.task_states()->Get(event.row)) : std::string_view();
  // The status is the state's: what ended stays as it ended, whatever is reported later.
  const AllocationState& a = group.state.allocation({event.number});
  const std::string key = reported_version_key(report.node(), event.number, group.index);
  ClientRow::encode(out.row.fresh(), static_cast<std::uint8_t>(a.client), group.wall, description, states);
  out.put(Table::allocation_client, key, out.row.view());
  // A report repeats the health that was decided before; its time is that of the decision.
  if (event.health) {
    HealthRow::encode(out.row.fresh(), a.health, group.wall);
    out.put(Table::allocation_health, key, out.row.view());
  }
}

void AllocationFold::health_set(const FoldedGroup& group, AllocationNumber n, Changes& out) {
  out.touch(Noun::allocations, group.index);
  const AllocationState& a = group.state.allocation(n);
  HealthRow::encode(out.row.fresh(), a.health, group.wall);
  out.put(Table::allocation_health, reported_version_key(a.node.value, n.value, group.index), out.row.view());
}

void AllocationFold::flush(const State& state, LogIndex folded, Changes& out) {
  for (auto& [node, numbers] : on_nodes_) {
    out.put(Table::node_changes, version_key(node, folded), NodeChangesRow::encode(state, numbers));
  }
  on_nodes_.clear();
}

}  // namespace orch

// Allocations: what their clients report, and the room that they hold on nodes.
#include <algorithm>

#include "core/base/assert.h"
#include "core/reducer/commands.h"
#include "core/reducer/reschedule.h"

namespace orch {
namespace {

std::uint32_t& counter(GroupSummary& summary, ClientStatus status) {
  switch (status) {
    case ClientStatus::pending: return summary.starting;
    case ClientStatus::running: return summary.running;
    case ClientStatus::complete: return summary.complete;
    case ClientStatus::failed: return summary.failed;
    case ClientStatus::lost: break;
  }
  return summary.lost;
}

}  // namespace

void StateEdit::take_room(AllocationNumber n) { take_room(n, 1, state_.shape_of(state_.allocation(n))); }

void StateEdit::take_room(AllocationNumber first, std::uint32_t count, const GroupShape& shape) {
  const std::uint32_t port_count = shape.port_count();
  for (std::uint32_t i = 0; i < count; ++i) {
    const AllocationNumber n{first.value + i};
    const AllocationState& a = state_.allocation(n);
    change_use(a.node, [&](NodeState& node) {
      node.cpu_used += shape.cpu;
      node.memory_used_mb += shape.memory_mb;
      node.disk_used_mb += shape.disk_mb;
      node.mbits_used += shape.mbits;
      const std::uint16_t* ports = state_.ports_.data() + a.ports_begin;
      for (std::uint32_t p = 0; p < port_count; ++p) {
        node.ports.insert(std::upper_bound(node.ports.begin(), node.ports.end(), ports[p]), ports[p]);
      }
      node.allocations.push_back(n);
    });
  }
  state_.jobs_[state_.allocation(first).job.value].live += count;
}

void StateEdit::give_room_back(AllocationNumber n) {
  const AllocationState a = state_.allocation(n);
  const GroupShape& shape = state_.shape_of(a);
  const std::uint16_t* ports = state_.ports_.data() + a.ports_begin;
  change_use(a.node, [&](NodeState& node) {
    node.cpu_used -= shape.cpu;
    node.memory_used_mb -= shape.memory_mb;
    node.disk_used_mb -= shape.disk_mb;
    node.mbits_used -= shape.mbits;
    for (std::uint32_t i = 0; i < shape.port_count(); ++i) {
      auto it = std::lower_bound(node.ports.begin(), node.ports.end(), ports[i]);
      ORCH_ASSERT(it != node.ports.end() && *it == ports[i], "an allocation's ports are in use on its node");
      node.ports.erase(it);
    }
    std::erase(node.allocations, n);
  });
  --state_.jobs_[a.job.value].live;
  if (state_.node(a.node).ready()) capacity_freed();  // else nobody can have it before the node is back
}

void StateEdit::add_to_current(JobNumber job, AllocationNumber first, std::uint32_t count) {
  auto& current = state_.jobs_[job.value].current;
  for (std::uint32_t i = 0; i < count; ++i) current.push_back(AllocationNumber{first.value + i});
}

void StateEdit::drop_from_current(JobNumber job, std::vector<AllocationNumber>& gone) {
  std::sort(gone.begin(), gone.end());
  auto next = gone.begin();
  std::erase_if(state_.jobs_[job.value].current, [&](AllocationNumber n) {  // both are sorted
    while (next != gone.end() && *next < n) ++next;
    return next != gone.end() && *next == n;
  });
}

void StateEdit::set_client_status(AllocationNumber n, ClientStatus status) {
  const AllocationState a = state_.allocation(n);
  if (a.client == status) return;
  if (a.holds_room() && is_terminal(status)) give_room_back(n);
  change_summary(a.job, a.summary, [&](GroupSummary& summary) {
    --counter(summary, a.client);
    ++counter(summary, status);
  });
  change(n, [&](AllocationState& allocation) {
    allocation.client = status;
    allocation.modify_index = index_;
  });
}

void StateEdit::set_health(AllocationNumber n, Health health) {
  const AllocationState a = state_.allocation(n);
  if (a.health == health) return;
  change(n, [&](AllocationState& allocation) {
    allocation.health = health;
    allocation.modify_index = index_;
  });
  if (!is_active_deployment(a.deployment)) return;
  const std::string group = state_.group_of(a).name;
  bool ends = false;  // without a progress deadline there is no second try: the first bad allocation decides
  change(a.deployment, [&](DeploymentState& deployment) {
    for (DeploymentGroup& g : deployment.groups) {
      if (g.name != group) continue;
      if (a.health == Health::healthy) --g.healthy;
      if (a.health == Health::unhealthy) --g.unhealthy;
      if (health == Health::healthy) ++g.healthy;
      if (health == Health::unhealthy) ++g.unhealthy;
      if (health == Health::unhealthy && g.progress_deadline.ns == 0) ends = true;
      if (health == Health::healthy) {
        g.require_progress_by = now() + g.progress_deadline;
        g.require_progress_at = {wall_.ns + g.progress_deadline.ns};
      }
    }
    deployment.modify_index = index_;
  });
  watch_progress(a.deployment);
  emit(EventKind::deployment_changed, a.deployment.value);
  if (ends) end_deployment(a.deployment, DeploymentStatus::failed, "Failed due to unhealthy allocations");
  evaluate(a.job, Trigger::deployment_watcher);
  check_success(a.deployment);
}

void StateEdit::plan_reschedule(AllocationNumber n) {
  if (const auto delay = reschedule_delay(state_, n)) reschedules().insert({now() + *delay, n});
}

CommandOutcome apply(StateEdit& edit, const wire::UpdateAllocations& command) {
  const std::uint32_t count = command.allocations() != nullptr ? command.allocations()->size() : 0;
  if (command.client_status() == nullptr || command.client_status()->size() != count ||
      (command.health() != nullptr && command.health()->size() != 0 && command.health()->size() != count)) {
    return count == 0 ? CommandOutcome{}
                      : CommandOutcome{.refusal = "columns of an allocation update differ in length"};
  }
  const bool tells_health = command.health() != nullptr && command.health()->size() != 0;
  CommandOutcome outcome;
  std::vector<JobNumber> changed;  // whose summaries did
  for (std::uint32_t i = 0; i < count; ++i) {
    const AllocationNumber n{command.allocations()->Get(i)};
    const std::uint8_t reported = command.client_status()->Get(i);
    if (n.value >= edit.state().allocations().size() || reported > static_cast<std::uint8_t>(ClientStatus::lost) ||
        edit.state().allocation(n).node.value != command.node()) {
      ++outcome.refused_placements;
      continue;
    }
    const AllocationState before = edit.state().allocation(n);
    if (before.client == ClientStatus::lost) continue;  // what was replaced as lost stays lost
    // What ended stays as it ended: its room is given back, and its group's spec may be forgotten.
    const ClientStatus status = is_terminal(before.client) ? before.client : static_cast<ClientStatus>(reported);
    if (before.client != status) {
      edit.set_client_status(n, status);
      changed.push_back(before.job);
    } else if (before.modify_index != edit.index()) {
      edit.change(n, [&](AllocationState& a) { a.modify_index = edit.index(); });
    }
    const std::uint8_t health = tells_health ? command.health()->Get(i) : 0;
    if (health == 1) edit.set_health(n, Health::healthy);
    if (health == 2) edit.set_health(n, Health::unhealthy);
    const AllocationState& after = edit.state().allocation(n);
    edit.emit(EventKind::allocation_client, n.value, 1, i, after.health != before.health);
    if (after.client == ClientStatus::failed && before.client != after.client &&
        after.desired == DesiredStatus::run) {
      edit.plan_reschedule(n);
    }
    edit.refresh_job_status(after.job);
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (JobNumber job : changed) edit.emit(EventKind::job_changed, job.value);
  return outcome;
}

}  // namespace orch

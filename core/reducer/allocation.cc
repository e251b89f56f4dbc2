#include "core/reducer/allocation.h"

#include <algorithm>
#include <vector>

#include "core/reducer/commands.h"
#include "core/reducer/deployment.h"
#include "core/reducer/job.h"
#include "core/reducer/reschedule.h"

namespace orch {

void set_health(StateEdit& edit, AllocationNumber n, Health health) {
  const AllocationState before = edit.state().allocation(n);
  if (before.health == health) return;
  edit.change(n, [&](AllocationState& a) {
    a.health = health;
    a.modify_index = edit.index();
  });
  // Its group's name is asked for only now: what belongs to no active deployment may be of a version long forgotten.
  if (!is_active_deployment(edit.state(), before.deployment)) return;
  count_health(edit, before.deployment, edit.state().group_of(before).name, before.health, health);
}

void stop_allocation(StateEdit& edit, AllocationNumber n, StopReason reason, bool lost) {
  edit.stop(n, reason);
  if (lost && !is_terminal(edit.state().allocation(n).client)) edit.set_client(n, ClientStatus::lost);
  edit.emit(EventKind::allocation_desired, n.value);
}

CommandOutcome update_allocations(StateEdit& edit, const wire::UpdateAllocations& command) {
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
    // A row of a client that came back too late is no refusal: it could not know.
    if (before.client == ClientStatus::lost) continue;  // what was replaced as lost stays lost
    // What ended stays as it ended: its room is given back, and its group's spec may be forgotten.
    const ClientStatus status = is_terminal(before.client) ? before.client : static_cast<ClientStatus>(reported);
    if (before.client != status) {
      edit.set_client(n, status);
      changed.push_back(before.job);
    } else if (before.modify_index != edit.index()) {
      edit.change(n, [&](AllocationState& a) { a.modify_index = edit.index(); });
    }
    const std::uint8_t health = tells_health ? command.health()->Get(i) : 0;
    if (health == 1) set_health(edit, n, Health::healthy);
    if (health == 2) set_health(edit, n, Health::unhealthy);
    const AllocationState& after = edit.state().allocation(n);
    edit.emit(EventKind::allocation_client, n.value, 1, i, after.health != before.health);
    if (after.client == ClientStatus::failed && before.client != after.client &&
        after.desired == DesiredStatus::run) {
      if (const auto delay = reschedule_delay(edit.state(), n)) edit.set_reschedule(n, edit.now() + *delay);
    }
    refresh_job_status(edit, after.job);
  }
  std::sort(changed.begin(), changed.end());
  changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
  for (JobNumber job : changed) edit.emit(EventKind::job_changed, job.value);
  return outcome;
}

}  // namespace orch

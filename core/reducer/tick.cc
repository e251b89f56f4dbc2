// What elapsed time does. Every group carries it, so a deadline takes effect at the first group that has passed it.
#include "core/reducer/commands.h"

namespace orch {

void expire(StateEdit& edit) {
  while (!edit.progress_deadlines().empty() && edit.progress_deadlines().begin()->first <= edit.now()) {
    const DeploymentNumber n = edit.progress_deadlines().begin()->second;
    const JobNumber job = edit.state().deployment(n).job;
    edit.end_deployment(n, DeploymentStatus::failed, "Failed due to progress deadline");
    edit.evaluate(job, Trigger::deployment_watcher);
  }
  while (!edit.reschedules().empty() && edit.reschedules().begin()->first <= edit.now()) {
    const AllocationNumber n = edit.reschedules().begin()->second;
    edit.reschedules().erase(edit.reschedules().begin());
    const AllocationState& a = edit.state().allocation(n);
    if (a.desired != DesiredStatus::run || a.next) continue;
    const JobNumber job = a.job;
    edit.change(n, [](AllocationState& allocation) { allocation.reschedule_due = true; });
    edit.evaluate(job, Trigger::alloc_failure);
  }
}

CommandOutcome apply(StateEdit& edit, const wire::RaiseRules& command) {
  if (command.version() <= edit.state().rules()) return {.refusal = "rules never step back"};
  edit.set_rules(command.version());
  return {};
}

}  // namespace orch

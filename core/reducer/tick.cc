// What elapsed time does. Every group carries it, so a deadline takes effect at the first group that has passed it.
#include "core/reducer/commands.h"
#include "core/reducer/deployment.h"
#include "core/reducer/evaluation.h"

namespace orch {
namespace {

void fail_what_made_no_progress(StateEdit& edit) {
  const State::ProgressDeadlines& deadlines = edit.state().progress_deadlines();
  while (!deadlines.empty() && deadlines.begin()->first <= edit.now()) {
    const DeploymentNumber n = deadlines.begin()->second;
    end_deployment(edit, n, DeploymentStatus::failed, "Failed due to progress deadline");  // takes its deadline away
    create_evaluation(edit, edit.state().deployment(n).job, Trigger::deployment_watcher);
  }
}

void replace_what_failed(StateEdit& edit) {
  while (const auto n = edit.take_due_reschedule()) {
    const AllocationState& a = edit.state().allocation(*n);
    if (a.desired != DesiredStatus::run || a.next) continue;  // stopped or replaced meanwhile
    edit.change(*n, [](AllocationState& allocation) { allocation.reschedule_due = true; });
    create_evaluation(edit, a.job, Trigger::alloc_failure);
  }
}

}  // namespace

void expire(StateEdit& edit) {
  if (edit.state().next_deadline() > edit.now()) return;  // almost always
  fail_what_made_no_progress(edit);
  replace_what_failed(edit);
  const Elapsed next = edit.state().next_deadline();
  ORCH_ASSERT(next == Elapsed::never() || next > edit.now(), "a deadline takes effect once it has passed");
}

CommandOutcome raise_rules(StateEdit& edit, const wire::RaiseRules& command) {
  if (command.version() <= edit.state().rules()) return {.refusal = "rules never step back"};
  edit.raise_rules(command.version());
  return {};
}

}  // namespace orch

// Deployments: counted by health reports, ended by success, failure, a newer version or a deadline.
#include <algorithm>
#include <utility>

#include "core/reducer/commands.h"

namespace orch {

void StateEdit::watch_progress(DeploymentNumber n) {
  Elapsed first = Elapsed::never();
  if (state_.deployment(n).status == DeploymentStatus::running) {
    for (const DeploymentGroup& g : state_.deployment(n).groups) {
      if (g.progress_deadline.ns > 0 && g.healthy < g.desired) first = std::min(first, g.require_progress_by);
    }
  }
  Elapsed& watched = state_.deployments_[n.value].watched;
  if (first == watched) return;
  if (watched != Elapsed::never()) progress_deadlines().erase({watched, n});
  if (first != Elapsed::never()) progress_deadlines().insert({first, n});
  watched = first;
}

void StateEdit::end_deployment(DeploymentNumber n, DeploymentStatus status, std::string description) {
  if (!is_active_deployment(n)) return;
  change(n, [&](DeploymentState& deployment) {
    deployment.status = status;
    deployment.description = std::move(description);
    deployment.modify_index = index_;
  });
  watch_progress(n);
  emit(EventKind::deployment_changed, n.value);
}

void StateEdit::check_success(DeploymentNumber n) {
  if (!is_active_deployment(n)) return;
  for (const DeploymentGroup& g : state_.deployment(n).groups) {
    if (g.healthy < g.desired) return;
  }
  end_deployment(n, DeploymentStatus::successful, "Deployment completed successfully");
  const DeploymentState& deployment = state_.deployment(n);
  change(deployment.job, [&](JobState& job) {
    for (JobVersion& version : job.versions) {
      if (version.version == deployment.job_version) version.stable = true;
    }
    job.modify_index = index_;
  });
  emit(EventKind::job_changed, deployment.job.value);
}

CommandOutcome apply(StateEdit& edit, const wire::SetDeploymentStatus& command) {
  const DeploymentNumber n{command.deployment()};
  if (n.value >= edit.state().deployments().size()) return {.refusal = "deployment not found"};
  if (!edit.is_active_deployment(n)) {
    static constexpr const char* words[] = {"fail", "pause", "resume"};
    const char* word = command.action() < std::size(words) ? words[command.action()] : "change";
    return {.refusal = std::string("can't ") + word + " terminal deployment"};
  }
  const JobNumber job = edit.state().deployment(n).job;
  const bool pauses = static_cast<DeploymentAction>(command.action()) == DeploymentAction::pause;
  switch (static_cast<DeploymentAction>(command.action())) {
    case DeploymentAction::fail:
      edit.end_deployment(n, DeploymentStatus::failed, "Deployment marked as failed");
      break;
    case DeploymentAction::pause:
    case DeploymentAction::resume: {
      edit.change(n, [&](DeploymentState& deployment) {
        deployment.status = pauses ? DeploymentStatus::paused : DeploymentStatus::running;
        deployment.description = pauses ? "Deployment is paused" : "Deployment is running";
        deployment.modify_index = edit.index();
        for (DeploymentGroup& g : deployment.groups) {
          g.require_progress_by = edit.now() + g.progress_deadline;
          g.require_progress_at = {edit.wall().ns + g.progress_deadline.ns};
        }
      });
      edit.watch_progress(n);
      edit.emit(EventKind::deployment_changed, n.value);
      break;
    }
    default: return {.refusal = "unknown deployment action"};
  }
  if (pauses) return {};  // there is nothing to decide as long as it rests
  return {.evaluation = edit.evaluate(job, Trigger::deployment_watcher)};
}

CommandOutcome apply(StateEdit& edit, const wire::SetAllocationHealth& command) {
  const DeploymentNumber n{command.deployment()};
  if (n.value >= edit.state().deployments().size()) return {.refusal = "deployment not found"};
  if (!edit.is_active_deployment(n)) return {.refusal = "can't set health of allocations for a terminal deployment"};
  const std::pair<const flatbuffers::Vector<std::uint32_t>*, Health> told[] = {{command.healthy(), Health::healthy},
                                                                            {command.unhealthy(), Health::unhealthy}};
  std::size_t count = 0;
  for (const auto& [list, health] : told) {
    for (std::uint32_t i = 0; list != nullptr && i < list->size(); ++i, ++count) {
      const AllocationNumber a{list->Get(i)};
      if (a.value >= edit.state().allocations().size() || edit.state().allocation(a).deployment != n) {
        return {.refusal = "an allocation is not part of the deployment"};
      }
    }
  }
  if (count == 0) return {.refusal = "must specify at least one healthy/unhealthy allocation ID"};
  for (const auto& [list, health] : told) {
    for (std::uint32_t i = 0; list != nullptr && i < list->size(); ++i) {
      const AllocationNumber a{list->Get(i)};
      if (edit.state().allocation(a).health == health) continue;
      edit.set_health(a, health);
      edit.emit(EventKind::allocation_health, a.value);
    }
  }
  if (command.unhealthy() != nullptr && command.unhealthy()->size() > 0) {
    edit.end_deployment(n, DeploymentStatus::failed, "Failed due to unhealthy allocations");
  }
  return {.evaluation = edit.evaluate(edit.state().deployment(n).job, Trigger::deployment_watcher)};
}

}  // namespace orch

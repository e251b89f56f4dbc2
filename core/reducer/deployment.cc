#include "core/reducer/deployment.h"

#include <algorithm>
#include <iterator>

#include "core/reducer/allocation.h"
#include "core/reducer/commands.h"
#include "core/reducer/evaluation.h"

namespace orch {
namespace {

// From now on the group has the whole of its deadline again.
void restart_clock(const StateEdit& edit, DeploymentGroup& group) {
  group.require_progress_by = edit.now() + group.progress_deadline;
  group.require_progress_at = {edit.wall().ns + group.progress_deadline.ns};
}

// The earliest deadline of a group that is not healthy yet. While the deployment is paused, none: people think.
void watch_progress(StateEdit& edit, DeploymentNumber n) {
  const DeploymentState& deployment = edit.state().deployment(n);
  Elapsed first = Elapsed::never();
  if (deployment.status == DeploymentStatus::running) {
    for (const DeploymentGroup& g : deployment.groups) {
      if (g.progress_deadline.ns > 0 && g.healthy < g.desired) first = std::min(first, g.require_progress_by);
    }
  }
  edit.set_progress_deadline(n, first);
}

// Once each group has as many healthy allocations as it wants, the version that was rolled out is stable.
void check_success(StateEdit& edit, DeploymentNumber n) {
  if (!is_active_deployment(edit.state(), n)) return;
  for (const DeploymentGroup& g : edit.state().deployment(n).groups) {
    if (g.healthy < g.desired) return;
  }
  end_deployment(edit, n, DeploymentStatus::successful, "Deployment completed successfully");
  const DeploymentState& deployment = edit.state().deployment(n);
  edit.change(deployment.job, [&](JobState& job) {
    for (JobVersion& version : job.versions) {
      if (version.version == deployment.job_version) version.stable = true;
    }
    job.modify_index = edit.index();
  });
  edit.emit(EventKind::job_changed, deployment.job.value);
}

}  // namespace

bool is_active_deployment(const State& state, DeploymentNumber n) { return n && is_active(state.deployment(n).status); }

DeploymentNumber create_deployment(StateEdit& edit, JobNumber n) {
  const JobState& job = edit.state().job(n);
  ORCH_ASSERT(!is_active_deployment(edit.state(), job.deployment), "a job has one active deployment at a time");
  DeploymentState made{.job = n,
                       .job_version = job.newest().version,
                       .job_create_index = job.create_index,
                       .job_modify_index = job.newest().job_modify_index,
                       .create_index = edit.index(),
                       .modify_index = edit.index(),
                       .description = "Deployment is running"};
  for (const TaskGroup& group : job.job().task_groups) {
    if (!group.update || group.update->max_parallel.value_or(0) <= 0) continue;
    const Duration deadline = group.update->progress_deadline.value_or(minutes(10));
    made.groups.push_back(
        {.name = group.name, .desired = static_cast<std::uint32_t>(group.count), .progress_deadline = deadline});
    restart_clock(edit, made.groups.back());
  }
  const DeploymentNumber deployment = edit.add_deployment(std::move(made));
  watch_progress(edit, deployment);
  edit.emit(EventKind::deployment_changed, deployment.value);
  return deployment;
}

void end_deployment(StateEdit& edit, DeploymentNumber n, DeploymentStatus status, std::string description) {
  if (!is_active_deployment(edit.state(), n)) return;
  edit.change(n, [&](DeploymentState& deployment) {
    deployment.status = status;
    deployment.description = std::move(description);
    deployment.modify_index = edit.index();
  });
  watch_progress(edit, n);
  ORCH_ASSERT(edit.state().deployment(n).watched == Elapsed::never(), "what is over has no deadline");
  edit.emit(EventKind::deployment_changed, n.value);
}

void count_placed(StateEdit& edit, DeploymentNumber n, const std::string& group, std::uint32_t placed) {
  if (!is_active_deployment(edit.state(), n) || placed == 0) return;
  edit.change(n, [&](DeploymentState& d) {
    for (DeploymentGroup& g : d.groups) {
      if (g.name == group) g.placed += placed;
    }
    d.modify_index = edit.index();
  });
  edit.emit(EventKind::deployment_changed, n.value);
}

void count_health(StateEdit& edit, DeploymentNumber n, const std::string& group, Health before, Health after) {
  if (!is_active_deployment(edit.state(), n)) return;
  bool ends = false;  // without a progress deadline there is no second try: the first bad allocation decides
  edit.change(n, [&](DeploymentState& deployment) {
    for (DeploymentGroup& g : deployment.groups) {
      if (g.name != group) continue;
      if (before == Health::healthy) --g.healthy;
      if (before == Health::unhealthy) --g.unhealthy;
      if (after == Health::healthy) ++g.healthy;
      if (after == Health::unhealthy) ++g.unhealthy;
      if (after == Health::unhealthy && g.progress_deadline.ns == 0) ends = true;
      if (after == Health::healthy) restart_clock(edit, g);
    }
    deployment.modify_index = edit.index();
  });
  watch_progress(edit, n);
  edit.emit(EventKind::deployment_changed, n.value);
  if (ends) end_deployment(edit, n, DeploymentStatus::failed, "Failed due to unhealthy allocations");
  create_evaluation(edit, edit.state().deployment(n).job, Trigger::deployment_watcher);
  check_success(edit, n);
}

CommandOutcome set_deployment_status(StateEdit& edit, const wire::SetDeploymentStatus& command) {
  const DeploymentNumber n{command.deployment()};
  if (n.value >= edit.state().deployments().size()) return {.refusal = "deployment not found"};
  if (!is_active_deployment(edit.state(), n)) {
    static constexpr const char* words[] = {"fail", "pause", "resume"};
    const char* word = command.action() < std::size(words) ? words[command.action()] : "change";
    return {.refusal = std::string("can't ") + word + " terminal deployment"};
  }
  const JobNumber job = edit.state().deployment(n).job;
  const bool pauses = static_cast<DeploymentAction>(command.action()) == DeploymentAction::pause;
  switch (static_cast<DeploymentAction>(command.action())) {
    case DeploymentAction::fail:
      end_deployment(edit, n, DeploymentStatus::failed, "Deployment marked as failed");
      break;
    case DeploymentAction::pause:
    case DeploymentAction::resume: {
      edit.change(n, [&](DeploymentState& deployment) {
        deployment.status = pauses ? DeploymentStatus::paused : DeploymentStatus::running;
        deployment.description = pauses ? "Deployment is paused" : "Deployment is running";
        deployment.modify_index = edit.index();
        for (DeploymentGroup& g : deployment.groups) restart_clock(edit, g);
      });
      watch_progress(edit, n);
      edit.emit(EventKind::deployment_changed, n.value);
      break;
    }
    default: return {.refusal = "unknown deployment action"};
  }
  if (pauses) return {};  // there is nothing to decide as long as it rests
  return {.evaluation = create_evaluation(edit, job, Trigger::deployment_watcher)};
}

CommandOutcome set_allocation_health(StateEdit& edit, const wire::SetAllocationHealth& command) {
  const DeploymentNumber n{command.deployment()};
  if (n.value >= edit.state().deployments().size()) return {.refusal = "deployment not found"};
  if (!is_active_deployment(edit.state(), n))
    return {.refusal = "can't set health of allocations for a terminal deployment"};
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
      set_health(edit, a, health);
      edit.emit(EventKind::allocation_health, a.value);
    }
  }
  if (command.unhealthy() != nullptr && command.unhealthy()->size() > 0) {
    end_deployment(edit, n, DeploymentStatus::failed, "Failed due to unhealthy allocations");
  }
  return {.evaluation = create_evaluation(edit, edit.state().deployment(n).job, Trigger::deployment_watcher)};
}

}  // namespace orch

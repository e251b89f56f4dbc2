// Deployments: counted by health reports, ended by success, failure, a newer version or a deadline.
//
// One has succeeded when each of its groups has as many healthy allocations as it wants; its job's version is stable
// then. What is over stays as it ended.
#pragma once

#include <cstdint>
#include <string>

#include "core/reducer/state_edit.h"

namespace orch {

/// Running or paused. None is not active.
bool is_active_deployment(const State& state, DeploymentNumber n);

/// For the job's newest version; it becomes the job's newest deployment.
DeploymentNumber create_deployment(StateEdit& edit, JobNumber job);

/// Nothing happens to one that is not active.
void end_deployment(StateEdit& edit, DeploymentNumber n, DeploymentStatus status, std::string description);

/// More allocations of the group count in the deployment, if it is active.
void count_placed(StateEdit& edit, DeploymentNumber n, const std::string& group, std::uint32_t placed);

/// One allocation's health in the deployment was `before` and is `after`. May end it, either way, and lets its job go
/// on.
void count_health(StateEdit& edit, DeploymentNumber n, const std::string& group, Health before, Health after);

}  // namespace orch

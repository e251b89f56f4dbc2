// One function per command, one file per noun: job.cc, node.cc, evaluation.cc, plan.cc, allocation.cc, deployment.cc.
#pragma once

#include "core/reducer/event.h"
#include "core/reducer/state_edit.h"
#include "record_generated.h"

namespace orch {

CommandOutcome apply(StateEdit& edit, const wire::RegisterJob& command);
CommandOutcome apply(StateEdit& edit, const wire::DeregisterJob& command);
CommandOutcome apply(StateEdit& edit, const wire::EvaluateJob& command);
CommandOutcome apply(StateEdit& edit, const wire::SetDeploymentStatus& command);
CommandOutcome apply(StateEdit& edit, const wire::SetAllocationHealth& command);
CommandOutcome apply(StateEdit& edit, const wire::RegisterNode& command);
CommandOutcome apply(StateEdit& edit, const wire::SetNodeStatus& command);
CommandOutcome apply(StateEdit& edit, const wire::SetNodeEligibility& command);
CommandOutcome apply(StateEdit& edit, const wire::UpdateAllocations& command);
CommandOutcome apply(StateEdit& edit, const wire::UpdateServices& command);
CommandOutcome apply(StateEdit& edit, const wire::SubmitPlan& command);
CommandOutcome apply(StateEdit& edit, const wire::RaiseRules& command);

/// Carries out every deadline that the group's elapsed time has passed (tick.cc).
void expire(StateEdit& edit);

}  // namespace orch

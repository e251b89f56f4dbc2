// One function per command, under the command's own name, in the file of its noun: job.cc, node.cc, plan.cc,
// allocation.cc, deployment.cc, tick.cc.
//
// Each judges the whole command before it changes anything: what can't be carried out is refused with a reason and
// leaves the state as it was (a plan and a report of allocations are refused row by row).
#pragma once

#include "core/reducer/event.h"
#include "core/reducer/state_edit.h"
#include "record_generated.h"

namespace orch {

CommandOutcome register_job(StateEdit& edit, const wire::RegisterJob& command);
CommandOutcome deregister_job(StateEdit& edit, const wire::DeregisterJob& command);
CommandOutcome evaluate_job(StateEdit& edit, const wire::EvaluateJob& command);
CommandOutcome set_deployment_status(StateEdit& edit, const wire::SetDeploymentStatus& command);
CommandOutcome set_allocation_health(StateEdit& edit, const wire::SetAllocationHealth& command);
CommandOutcome register_node(StateEdit& edit, const wire::RegisterNode& command);
CommandOutcome set_node_status(StateEdit& edit, const wire::SetNodeStatus& command);
CommandOutcome set_node_eligibility(StateEdit& edit, const wire::SetNodeEligibility& command);
CommandOutcome update_allocations(StateEdit& edit, const wire::UpdateAllocations& command);
CommandOutcome update_services(StateEdit& edit, const wire::UpdateServices& command);
CommandOutcome submit_plan(StateEdit& edit, const wire::SubmitPlan& command);
CommandOutcome raise_rules(StateEdit& edit, const wire::RaiseRules& command);

/// Carries out every deadline that the group's elapsed time has passed (tick.cc).
void expire(StateEdit& edit);

}  // namespace orch

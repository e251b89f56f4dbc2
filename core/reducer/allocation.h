// What happens to single allocations, whoever says so: a client's report, a plan, people.
#pragma once

#include "core/reducer/state_edit.h"

namespace orch {

/// Counted in its deployment, if that is active, which may end it and lets its job go on.
void set_health(StateEdit& edit, AllocationNumber n, Health health);

/// No longer wanted; `lost`: its node is gone, so nobody will report how it ended. The caller drops it from its job's
/// current allocations.
void stop_allocation(StateEdit& edit, AllocationNumber n, StopReason reason, bool lost);

}  // namespace orch

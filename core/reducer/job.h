// What follows for a job from changes elsewhere; its commands are in commands.h.
#pragma once

#include "core/reducer/state_edit.h"

namespace orch {

/// Running while it holds room, pending while something may yet be placed, else dead. To be called after whatever
/// changes one of these.
void refresh_job_status(StateEdit& edit, JobNumber n);

}  // namespace orch

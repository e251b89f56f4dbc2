// The last chunk of a plan ends its evaluation: complete, or blocked until there is room for the rest.
#pragma once

#include "core/reducer/state_edit.h"
#include "record_generated.h"

namespace orch {

/// For a plan whose parts all happened. Its evaluation is pending, and is not after this.
void conclude_evaluation(StateEdit& edit, const wire::SubmitPlan& plan);

}  // namespace orch

// Whether a plan may be tried at all. What does not fit is refused part by part; what no scheduler would say is refused
// as a whole, before anything changes.
#pragma once

#include <string>

#include "core/reducer/state.h"
#include "record_generated.h"

namespace orch {

/// The reason why the plan is refused as a whole; empty when its parts may be tried. Then its evaluation is pending,
/// its job is the evaluation's and at the version that the plan was made for, and its columns belong together.
std::string refuse_plan(const State& state, const wire::SubmitPlan& plan);

}  // namespace orch

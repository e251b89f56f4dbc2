// `PUT /v1/job/:id/plan`: the real scheduler on the job as it would be, nothing registered.
#pragma once

#include <string>

#include "core/reducer/state.h"
#include "projections/queries.h"

namespace orch::http {

/// Nomad's answer, with the job's modify index: diff with annotations, desired updates, groups that would not be
/// placed; and, ours, what the rolling update would go on to do (`RollingUpdate`).
Answer plan_answer(const State& state, const Job& job, bool with_diff, const std::string& warnings);

}  // namespace orch::http

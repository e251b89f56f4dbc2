// When a failed allocation is replaced: the reschedule policy of its group, counted over the chain of its predecessors.
#pragma once

#include <optional>

#include "core/reducer/state.h"

namespace orch {

/// How often this allocation's name was rescheduled before it.
std::uint32_t reschedule_attempts(const State& state, AllocationNumber n);

/// The delay before the replacement, or nothing when the policy has no attempt left (or there is none).
/// constant: delay; exponential: delay · 2^attempts; fibonacci: delay · F(attempts + 1); capped by max_delay.
std::optional<Duration> reschedule_delay(const State& state, AllocationNumber n);

/// Nothing of the job runs, but something that failed will be replaced once its delay is over.
bool awaits_reschedule(const State& state, const JobState& job);

}  // namespace orch

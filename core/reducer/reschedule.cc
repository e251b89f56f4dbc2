#include "core/reducer/reschedule.h"

#include <algorithm>

namespace orch {

std::uint32_t reschedule_attempts(const State& state, AllocationNumber n) {
  std::uint32_t attempts = 0;
  for (AllocationNumber p = state.allocation(n).previous; p; p = state.allocation(p).previous) {
    if (state.allocation(p).client != ClientStatus::failed) break;
    ++attempts;
  }
  return attempts;
}

std::optional<Duration> reschedule_delay(const State& state, AllocationNumber n) {
  const auto& policy = state.group_of(state.allocation(n)).reschedule;
  if (!policy) return std::nullopt;
  const std::uint32_t attempts = reschedule_attempts(state, n);
  const bool unlimited = policy->unlimited.value_or(false);
  if (!unlimited && attempts >= static_cast<std::uint32_t>(std::max(0, policy->attempts.value_or(0)))) {
    return std::nullopt;
  }
  const Duration base = policy->delay.value_or(seconds(30));
  const std::string function = policy->delay_function.value_or("constant");
  Duration delay = base;
  if (function != "constant") {
    const Duration longest = policy->max_delay.value_or(hours(1));
    Duration before = function == "fibonacci" ? Duration{} : base;
    for (std::uint32_t i = 0; i < attempts && delay < longest; ++i) {
      const Duration next = function == "fibonacci" ? delay + before : delay * 2;
      before = delay;
      delay = next;
    }
    if (longest.ns > 0) delay = std::min(delay, longest);
  }
  return delay;
}

bool awaits_reschedule(const State& state, const JobState& job) {
  return std::any_of(job.current.begin(), job.current.end(), [&](AllocationNumber n) {
    const AllocationState& a = state.allocation(n);
    return a.desired == DesiredStatus::run && a.client == ClientStatus::failed && !a.reschedule_due &&
           reschedule_delay(state, n).has_value();
  });
}

}  // namespace orch

#include "core/runner/restart_tracker.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/duration_text.h"

namespace orch {
namespace {

using Kind = RestartDecision::Kind;

/// A whole delay and up to a quarter of it more.
Duration spread(Duration delay, double random) {
  ORCH_ASSERT(random >= 0 && random < 1, "Moment::random lies in [0, 1)");
  return delay + Duration{static_cast<std::int64_t>(static_cast<double>(delay.ns) * random * 0.25)};
}

RestartDecision give_up(std::string_view reason) { return {Kind::give_up, {}, std::string(reason)}; }

}  // namespace

bool is_success(const TaskExit& exit) {
  return exit.exit_code == 0 && exit.signal == 0 && !exit.oom_killed && exit.error.empty();
}

RestartTracker::RestartTracker(RestartPolicy policy, bool restart_on_success, Elapsed now)
    : policy_(std::move(policy)), restart_on_success_(restart_on_success), state_{0, now.ns} {}

void RestartTracker::set_policy(RestartPolicy policy, bool restart_on_success) {
  policy_ = std::move(policy);
  restart_on_success_ = restart_on_success;
}

RestartDecision RestartTracker::exited(const Moment& now, const TaskExit& exit) {
  const bool done = is_success(exit) && !restart_on_success_;
  if (done) return {Kind::done, {}, std::string(restart_reason_done)};
  if (attempts() == 0) return give_up(restart_reason_no_restarts);
  count_attempt(now.elapsed);
  return within_policy_or_not(now);
}

// A task with no restarts to its name has failed at its first failed start, whatever the error was.
RestartDecision RestartTracker::start_failed(const Moment& now, bool recoverable) {
  if (attempts() == 0) return give_up(restart_reason_no_restarts);
  count_attempt(now.elapsed);
  if (!recoverable) return give_up(restart_reason_unrecoverable);
  return within_policy_or_not(now);
}

RestartDecision RestartTracker::triggered(const Moment& now, bool because_of_failure) {
  if (!because_of_failure) return {Kind::restart, {}, ""};
  if (attempts() == 0) return give_up(restart_reason_no_restarts);
  count_attempt(now.elapsed);
  return within_policy_or_not(now);
}

void RestartTracker::restore(const State& state, Elapsed now) {
  state_ = state;
  state_.interval_start = std::min(state_.interval_start, now.ns);
}

// An interval begins with the first end after the last one has passed, not at fixed times: a task that falls once a day
// never uses up its attempts.
void RestartTracker::count_attempt(Elapsed now) {
  if (now > Elapsed{state_.interval_start} + interval()) {
    state_.count = 0;
    state_.interval_start = now.ns;
  }
  ++state_.count;
}

RestartDecision RestartTracker::within_policy_or_not(const Moment& now) const {
  ORCH_ASSERT(attempts() != 0, "a policy that allows nothing is not asked how much is left");
  if (state_.count <= attempts()) {
    return {Kind::restart, spread(policy_.delay.value_or(Duration{}), now.random),
            std::string(restart_reason_within_policy)};
  }
  if (policy_.mode.value_or("fail") == "fail") {
    return give_up("Exceeded allowed attempts " + std::to_string(attempts()) + " in interval " +
                   duration_text(interval()) + " and mode is \"fail\"");
  }
  return {Kind::restart, (Elapsed{state_.interval_start} + interval()) - now.elapsed,
          std::string(restart_reason_delay)};
}

}  // namespace orch

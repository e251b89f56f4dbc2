// Nomad's restart policy for one task: may it start again, and when?
//
// An interval begins with the task and again with the first end after it has passed; `attempts` starts are allowed in
// it. Beyond that, mode "fail" gives up and mode "delay" waits for the interval's end. A restart that somebody asked
// for counts nothing, unless it was asked for because of a failure (a check). Delays get up to a quarter more, by
// Moment::random, so that tasks that fell together don't rise together.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/model/job.h"
#include "core/runner/moment.h"
#include "core/runner/task_driver.h"

namespace orch {

inline constexpr std::string_view restart_reason_within_policy = "Restart within policy";
inline constexpr std::string_view restart_reason_no_restarts = "Policy allows no restarts";
inline constexpr std::string_view restart_reason_unrecoverable = "Error was unrecoverable";
inline constexpr std::string_view restart_reason_delay = "Exceeded allowed attempts, applying a delay";
inline constexpr std::string_view restart_reason_done = "Restart unnecessary as task terminated successfully";

struct RestartDecision {
  enum class Kind : std::uint8_t {
    restart,  ///< after `delay`
    done,     ///< ended well and need not run again
    give_up,  ///< the task has failed
  };
  Kind kind = Kind::give_up;
  Duration delay;
  std::string reason;
};

class RestartTracker {
 public:
  /// What a restart of the agent must not forget.
  struct State {
    std::int64_t count = 0;
    std::int64_t interval_start = 0;  ///< Elapsed, nanoseconds
    bool operator==(const State&) const = default;
    template <class Self, class Visitor>
    static void fields(Self& self, Visitor&& visit) {
      ORCH_FIELD(0, "Count", "", count);
      ORCH_FIELD(0, "IntervalStart", "", interval_start);
    }
  };

  RestartTracker(RestartPolicy policy, bool restart_on_success, Elapsed now);

  void set_policy(RestartPolicy policy, bool restart_on_success);

  RestartDecision exited(const Moment& now, const TaskExit& exit);
  RestartDecision start_failed(const Moment& now, bool recoverable);
  /// Somebody asked; `because_of_failure` makes it count.
  RestartDecision triggered(const Moment& now, bool because_of_failure);

  const State& state() const { return state_; }
  /// An interval that begins in the future (the clock's count began anew) begins now.
  void restore(const State& state, Elapsed now);

 private:
  void count_attempt(Elapsed now);
  RestartDecision within_policy_or_not(const Moment& now) const;
  std::int64_t attempts() const { return policy_.attempts.value_or(0); }
  Duration interval() const { return policy_.interval.value_or(Duration{}); }

  RestartPolicy policy_;
  bool restart_on_success_;
  State state_;
};

/// Ended by itself with code 0 and no complaint of the driver.
bool is_success(const TaskExit& exit);

}  // namespace orch

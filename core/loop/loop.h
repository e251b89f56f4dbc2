// The loop: the one owner of the state. A turn takes what has arrived, applies it, decides what is pending, appends all
// of it as one durable batch, answers, and shows it to the read models. Readers wait for what was answered before they
// asked (design, decision 12), so that nobody misses a write of their own and a writer does not wait for rows.
//
// The embedded log has a single appender, so a group's index is known before it is written: the state runs ahead of the
// disk within a turn, which lets a registration and the plan that answers it share one flush. Nobody outside sees
// anything before that. If the append fails the state is ahead of the log: the loop answers the failure, forgets the
// state and must be rebuilt from the log (`needs_recovery`). From then on it is careful: it appends first and applies
// what the log took, so that a disk that stays full costs no further rebuild; the first success ends that.
// When the read models have no room, what they hold back is bounded: nothing new is taken until they have caught up.
// The modes that this makes, and what leads from one to another, stand in mode.h.
//
// Pure: time is handed in, ports are the log and the projection. One thread, or the simulator, calls it.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/log/log.h"
#include "core/log/record.h"
#include "core/loop/mode.h"
#include "core/loop/projection_port.h"
#include "core/reducer/apply.h"
#include "core/scheduler/schedule.h"

namespace orch {

/// The answer to one submission, after it is durable.
struct Answered {
  LogIndex index = 0;       ///< of the group; of a repeat: of the first
  CommandOutcome outcome;   ///< of its first command
};
using Completion = std::function<void(const std::expected<Answered, LogError>&)>;

/// A finished, unstamped group and who waits for it.
struct Submission {
  std::string group;
  Completion done;      ///< may be empty
  bool report = false;  ///< one UpdateAllocations command without a key: may share a group with others of its turn
};

/// What a turn may read of the world.
struct TurnTime {
  WallTime wall;
  std::int64_t monotonic_ns = 0;                     ///< of this process; only differences count
  std::function<std::int64_t()> monotonic_now;       ///< asked between plans for the turn's budget; may be empty
  Duration planning_most = hours(1);                 ///< where it is below the loop's own budget
  bool show = true;                                  ///< false: the read models get it by `show`, soon
};

/// A step of the monotonic clock counts at most this much: a suspended machine expires nothing (design, decision 5).
inline constexpr Duration longest_step = seconds(5);

class Loop {
 public:
  struct Options {
    std::string server_name = "orch";
    Duration planning_budget = milliseconds(50);  ///< per turn
    std::size_t plans_per_turn = 4096;
    std::size_t placements_per_group = 16'384;  ///< a larger plan is cut into chunks
    std::size_t reports_per_group = 4'096;      ///< allocations of which merged reports tell, at most
    std::size_t report_bytes_per_group = std::size_t{16} << 20;
    /// A kept state of this log to begin with, at an index that the read models have reached; may answer null.
    std::function<std::unique_ptr<State>()> kept_state;
  };

  /// `log` and `projection` must outlive the loop.
  Loop(Log& log, ProjectionPort& projection, std::string cluster_id, Options options);

  /// Folds the log from the kept state's index, or from the start, to its head. `progress` is told the index now and
  /// then. After a failure it may be called again, and `needs_recovery` stays true until it succeeds.
  std::expected<void, LogError> recover(const std::function<void(LogIndex)>& progress = {});

  /// One turn. `submissions` is emptied. Answers true when there is more to do at once.
  bool turn(std::vector<Submission>& submissions, const TurnTime& time);

  /// After a turn, a recovery or a `show` that threw: the state may be half changed and what was appended is not known,
  /// so whoever waits is told that the outcome is unknown, and only `recover` helps. `submissions` is emptied.
  void abandon(std::vector<Submission>& submissions, const std::string& why);

  /// Shows the read models what turns have kept from them; nothing that the log has not taken.
  void show();

  /// Earliest elapsed instant that needs a Tick, relative to now; a negative or zero duration is due.
  Duration until_deadline() const;

  const State& state() const { return *state_; }
  LoopMode mode() const { return mode_; }
  bool needs_recovery() const { return orch::needs_recovery(mode_); }
  /// The log or the read models refused the last turn: there is no use in trying again at once.
  bool refused() const { return remembers_refusal(mode_) || mode_ == LoopMode::behind; }

 private:
  struct Waiting {
    LogIndex index;
    Completion done;
    CommandOutcome outcome;
  };
  void become(LoopMode mode);
  void advance_time(const TurnTime& time);
  void take_all(std::vector<Submission>& submissions);
  void take(std::string group, Completion done);
  void wait_for_answer(Completion done);
  void take_reports(std::span<Submission> reports);
  void append_and_apply(std::string group);
  void apply_newest();
  void plan(const TurnTime& time);
  std::vector<std::string> next_plan();
  std::string tick() const;
  std::expected<LogIndex, LogError> append_batch();
  void answer_all(bool show_first);
  bool careful_turn(std::vector<Submission>& submissions);
  bool append_then_apply(std::string group, Completion done);

  Log& log_;
  ProjectionPort& projection_;
  std::string cluster_id_;
  Options options_;
  std::unique_ptr<State> state_;
  Scheduler scheduler_;
  Outcome outcome_;
  WallTime wall_;
  Elapsed elapsed_;
  std::int64_t last_monotonic_ns_ = -1;
  LoopMode mode_ = LoopMode::unrecovered;
  std::vector<std::string> batch_;
  std::vector<Waiting> waiting_;
};

}  // namespace orch

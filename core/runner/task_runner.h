// The life of one task on its node, as a state machine: pending → running → dead, with all that may come between.
//
//   waiting ──> starting ──> running ──> draining ──> killing ──> dead
//                ^    │         │                        │
//                │    v         │ it ended               │ ended, to start again
//                └─ backoff <───┴────────────────────────┘
//
// From any of these a task may die. After a restart of the agent, one that may have a process goes to recovering, and
// from there on to running or, when the process is gone, as if it had just ended. `may_become` is the exact list.
//
// Each input says what happened and answers with what has to be done (action.h). Inputs that don't fit the phase (a
// late answer for an earlier handle, a timer that was replaced) are ignored, so the threads that deliver them need not
// agree on an order. A handle names one start of the task: each start must have a handle of its own. Dead is final.
// Restarts are decided by restart_tracker.h; what a task's end means for its siblings by alloc_runner.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/model/job.h"
#include "core/runner/action.h"
#include "core/runner/moment.h"
#include "core/runner/restart_tracker.h"
#include "core/runner/task_driver.h"
#include "core/runner/task_event.h"

namespace orch {

enum class TaskPhase : std::uint8_t {
  waiting,     ///< nothing was asked yet
  starting,    ///< the driver was asked to start it
  recovering,  ///< the agent came back: the driver was asked to take the running task up again
  running,
  draining,  ///< out of the catalogue, waiting for shutdown_delay before it is stopped
  killing,   ///< the driver was asked to stop it
  backoff,   ///< waiting for the restart delay
  dead,
};

/// Whether a task may go from one phase straight to another.
constexpr bool may_become(TaskPhase from, TaskPhase to) {
  using enum TaskPhase;
  switch (from) {
    case waiting:
    case backoff:
      return to == starting || to == dead;
    case starting:
      return to == running || to == backoff || to == dead || to == starting;
    case running:
      return to != waiting && to != running;
    case recovering:
      return to != waiting && to != draining && to != killing;
    case draining:
      return to != waiting && to != draining && to != running;
    case killing:
      return to != waiting && to != draining && to != running && to != killing;
    case dead:
      break;
  }
  return false;
}

/// In these a start has a handle, or may have one: something of it may be there.
constexpr bool has_handle(TaskPhase phase) {
  using enum TaskPhase;
  return phase == recovering || phase == running || phase == draining || phase == killing;
}

/// Why a task must end for good.
struct StopCause {
  enum class Kind : std::uint8_t { none, desired, sibling_failed, leader_dead, alloc_failed };
  Kind kind = Kind::none;
  std::string sibling;  ///< the one that failed
  bool operator==(const StopCause&) const = default;
  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(0, "Kind", "", kind);
    ORCH_FIELD(0, "Sibling", "", sibling);
  }
};

/// What a job says about running one of its tasks; changes in place with a new version of the job.
struct TaskRules {
  std::string name, kill_signal;
  Duration kill_timeout, shutdown_delay;
  bool leader = false;
  bool has_services = false;
  bool restart_on_success = true;  ///< false for batch jobs
  RestartPolicy restart;

  /// `max_kill_timeout` is the node's bound.
  static TaskRules of(const Job& job, const TaskGroup& group, const Task& task, Duration max_kill_timeout);
};

struct TaskSnapshot {
  enum class Restart : std::uint8_t { none, asked, failure };

  TaskState state;
  TaskPhase phase = TaskPhase::waiting;
  std::string handle;              ///< of the start that runs or is being ended
  std::int64_t deadline = 0;       ///< Elapsed of the timer that is set, 0: none
  std::int64_t running_since = 0;  ///< Elapsed of the last start
  std::int64_t kill_attempts = 0;
  bool exit_seen = false;
  Restart restart = Restart::none;  ///< being killed in order to start again
  StopCause stop;
  RestartTracker::State tracker;
  bool operator==(const TaskSnapshot&) const = default;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(0, "Deadline", "", deadline);
    ORCH_FIELD(0, "ExitSeen", "", exit_seen);
    ORCH_FIELD(0, "Handle", "", handle);
    ORCH_FIELD(0, "KillAttempts", "", kill_attempts);
    ORCH_FIELD(0, "Phase", "", phase);
    ORCH_FIELD(0, "Restart", "", restart);
    ORCH_FIELD(0, "RunningSince", "", running_since);
    ORCH_FIELD(0, "State", "", state);
    ORCH_FIELD(0, "Stop", "", stop);
    ORCH_FIELD(0, "Tracker", "", tracker);
  }
};

class TaskRunner {
 public:
  TaskRunner(TaskRules rules, Moment now);

  /// The agent came back. A phase with a handle goes on after `resume` and `recovered`.
  static TaskRunner restored(TaskRules rules, TaskSnapshot snapshot, Moment now);

  // Inputs from whoever wants something of the task.
  Actions start_requested(const Moment& now);
  Actions stop_requested(const Moment& now, StopCause cause);
  /// Ends the task and starts it again; `because_of_failure` counts against the restart policy.
  Actions restart_requested(const Moment& now, const std::string& reason, bool because_of_failure);
  Actions signal_requested(const Moment& now, const std::string& signal, const std::string& reason);
  Actions resume(const Moment& now);
  void update(TaskRules rules);

  // Answers of the driver, the node and the timer.
  Actions setup_failed(const Moment& now, const std::string& error);
  Actions driver_message(const Moment& now, const std::string& message);
  Actions driver_started(const Moment& now, const std::string& handle);
  Actions driver_start_failed(const Moment& now, const DriverError& error);
  Actions recovered(const Moment& now);
  Actions recover_failed(const Moment& now, const std::string& error);
  Actions exited(const Moment& now, const std::string& handle, const TaskExit& exit);
  /// `error` is empty when the task has ended.
  Actions kill_finished(const Moment& now, const std::string& handle, const std::string& error);
  Actions timer_due(const Moment& now);

  /// For events that come from outside the task's own life ("Alloc Unhealthy").
  void add_event(TaskEvent event);

  const TaskRules& rules() const { return rules_; }
  const TaskState& state() const { return s_.state; }
  TaskPhase phase() const { return s_.phase; }
  const std::string& handle() const { return s_.handle; }
  Elapsed running_since() const { return {s_.running_since}; }
  bool is_dead() const { return s_.phase == TaskPhase::dead; }
  /// Grows with each change of `state`, from 0 with each process.
  std::uint64_t revision() const { return revision_; }
  bool is_stopping() const { return s_.stop.kind != StopCause::Kind::none; }
  TaskSnapshot snapshot() const;

 private:
  void become(TaskPhase phase);
  Action action(ActionKind kind) const;
  Actions begin_start();
  Actions begin_stop(const Moment& now);
  Actions begin_kill(const Moment& now);
  Actions set_timer(Elapsed deadline);
  Actions running_again(const Moment& now);
  bool restart_asked() const { return s_.restart != TaskSnapshot::Restart::none; }
  RestartDecision triggered(const Moment& now);
  /// The process is gone: cleans up, then dies or follows `decision`.
  Actions ended(const Moment& now, const RestartDecision& decision);
  Actions follow(const Moment& now, const RestartDecision& decision);
  Actions die(const Moment& now);
  Actions die_of_stop(const Moment& now);
  Actions kill_done(const Moment& now);

  TaskRules rules_;
  RestartTracker tracker_;
  std::uint64_t revision_ = 0;
  TaskSnapshot s_;  ///< all that changes; `tracker` in it is filled by snapshot() only
};

}  // namespace orch

#include "core/runner/task_runner.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/runner/services.h"

namespace orch {
namespace {

// A driver that cannot stop a task is asked again, ever more patiently; after so many attempts the failure is told.
constexpr int kill_attempts_told = 5;
constexpr Duration kill_retry_first = seconds(5);
constexpr Duration kill_retry_max = minutes(2);

Duration kill_retry_delay(std::int64_t attempt) {
  ORCH_ASSERT(attempt >= 0, "an attempt is counted before the next one is made");
  return std::min(kill_retry_first * (std::int64_t{1} << std::min<std::int64_t>(attempt, 10)), kill_retry_max);
}

}  // namespace

TaskRules TaskRules::of(const Job& job, const TaskGroup& group, const Task& task, Duration max_kill_timeout) {
  TaskRules rules;
  rules.name = task.name;
  rules.kill_signal = task.kill_signal;
  rules.kill_timeout = std::min(task.kill_timeout, max_kill_timeout);
  rules.shutdown_delay = task.shutdown_delay;
  rules.leader = task.leader;
  rules.has_services = !services_of(group, task).empty();
  rules.restart_on_success = job.type != "batch" && job.type != "sysbatch";
  if (group.restart) rules.restart = *group.restart;
  return rules;
}

TaskRunner::TaskRunner(TaskRules rules, Moment now)
    : rules_(std::move(rules)), tracker_(rules_.restart, rules_.restart_on_success, now.elapsed) {}

TaskRunner TaskRunner::restored(TaskRules rules, TaskSnapshot snapshot, Moment now) {
  TaskRunner runner(std::move(rules), now);
  runner.tracker_.restore(snapshot.tracker, now.elapsed);
  runner.s_ = std::move(snapshot);
  return runner;
}

TaskSnapshot TaskRunner::snapshot() const {
  TaskSnapshot snapshot = s_;
  snapshot.tracker = tracker_.state();
  return snapshot;
}

void TaskRunner::update(TaskRules rules) {
  rules_ = std::move(rules);
  tracker_.set_policy(rules_.restart, rules_.restart_on_success);
}

void TaskRunner::become(TaskPhase phase) {
  ORCH_ASSERT(!is_dead(), "dead is final");
  ORCH_ASSERT(may_become(s_.phase, phase), "a task goes from phase to phase as task_runner.h says");
  ORCH_ASSERT(has_handle(phase) || s_.handle.empty(), "a handle is of a start that runs or is being ended");
  s_.phase = phase;
}

Action TaskRunner::action(ActionKind kind) const { return {.kind = kind, .task = rules_.name, .handle = s_.handle}; }

void TaskRunner::add_event(TaskEvent event) {
  ++revision_;
  if (event.fails_task) s_.state.failed = true;
  append_event(s_.state.events, std::move(event));
}

// ---- what is wanted

Actions TaskRunner::start_requested(const Moment& now) {
  if (s_.phase != TaskPhase::waiting) return {};
  add_event(received_event(now.wall));
  add_event(task_setup_event(now.wall, "Building Task Directory"));
  return begin_start();
}

Actions TaskRunner::stop_requested(const Moment& now, StopCause cause) {
  if (is_dead() || is_stopping()) return {};
  s_.stop = std::move(cause);
  switch (s_.phase) {
    case TaskPhase::waiting:
    case TaskPhase::backoff:
      return die_of_stop(now);
    case TaskPhase::running:
      return begin_stop(now);
    default:
      break;  // a start or recovery under way is answered first; a kill under way now ends the task
  }
  return {action(ActionKind::persist)};
}

Actions TaskRunner::restart_requested(const Moment& now, const std::string& reason, bool because_of_failure) {
  if (s_.phase != TaskPhase::running) return {};
  add_event(restart_signaled_event(now.wall, reason));
  s_.restart = because_of_failure ? TaskSnapshot::Restart::failure : TaskSnapshot::Restart::asked;
  Actions out;
  if (rules_.has_services) out.push_back(action(ActionKind::remove_services));
  append_actions(out, begin_kill(now));
  return out;
}

Actions TaskRunner::signal_requested(const Moment& now, const std::string& signal, const std::string& reason) {
  if (s_.phase != TaskPhase::running) return {};
  add_event(signaling_event(now.wall, signal, reason));
  Action send = action(ActionKind::signal_driver);
  send.signal = signal;
  return {action(ActionKind::persist), std::move(send)};
}

Actions TaskRunner::resume(const Moment& now) {
  switch (s_.phase) {
    case TaskPhase::waiting:
      return start_requested(now);
    case TaskPhase::starting:
      // Whether that start came about is unknown; a container without a stored handle is ended by the node client.
      if (is_stopping()) return die_of_stop(now);
      return begin_start();
    case TaskPhase::recovering:
    case TaskPhase::running:
    case TaskPhase::draining:
    case TaskPhase::killing:
      if (s_.phase != TaskPhase::recovering) become(TaskPhase::recovering);
      return {action(ActionKind::recover_driver)};
    case TaskPhase::backoff:
      return set_timer(std::min(Elapsed{s_.deadline}, now.elapsed + hours(24)));
    case TaskPhase::dead:
      break;
  }
  return {};
}

// ---- answers

Actions TaskRunner::setup_failed(const Moment& now, const std::string& error) {
  if (s_.phase != TaskPhase::starting) return {};
  add_event(setup_failure_event(now.wall, error));
  return die(now);
}

Actions TaskRunner::driver_message(const Moment& now, const std::string& message) {
  if (is_dead()) return {};
  add_event(driver_event(now.wall, message));
  return {action(ActionKind::persist)};
}

Actions TaskRunner::driver_started(const Moment& now, const std::string& handle) {
  if (s_.phase != TaskPhase::starting) {
    // Nobody waits for this start any more, so nobody else would ever end it.
    if (handle == s_.handle) return {};
    Action stop = action(ActionKind::stop_driver);
    stop.handle = handle;
    Action destroy = action(ActionKind::destroy);
    destroy.handle = handle;
    return {std::move(stop), std::move(destroy)};
  }
  ORCH_ASSERT(s_.handle.empty(), "a start has no handle before its own");
  s_.handle = handle;
  s_.running_since = now.elapsed.ns;
  s_.state.life = TaskLife::running;
  s_.state.started_at = now.wall;
  add_event(started_event(now.wall));
  return running_again(now);
}

Actions TaskRunner::driver_start_failed(const Moment& now, const DriverError& error) {
  if (s_.phase != TaskPhase::starting) return {};
  add_event(driver_failure_event(now.wall, error.message));
  if (is_stopping()) return die_of_stop(now);
  return follow(now, tracker_.start_failed(now, error.recoverable));
}

Actions TaskRunner::recovered(const Moment& now) {
  if (s_.phase != TaskPhase::recovering) return {};
  return running_again(now);
}

Actions TaskRunner::recover_failed(const Moment& now, const std::string& error) {
  if (s_.phase != TaskPhase::recovering) return {};
  add_event(driver_failure_event(now.wall, error));
  return ended(now, restart_asked() ? triggered(now) : tracker_.start_failed(now, true));
}

Actions TaskRunner::exited(const Moment& now, const std::string& handle, const TaskExit& exit) {
  if (handle != s_.handle) return {};
  switch (s_.phase) {
    case TaskPhase::killing:
      s_.exit_seen = true;
      // The driver's last word on the kill was an error, and now the task has ended after all.
      if (s_.kill_attempts >= kill_attempts_told) return kill_done(now);
      return {action(ActionKind::persist)};
    case TaskPhase::running:
    case TaskPhase::recovering:
    case TaskPhase::draining:
      break;
    default:
      return {};
  }
  const std::string message = exit.error.empty() && exit.oom_killed ? "OOM Killed" : exit.error;
  add_event(terminated_event(now.wall, exit.exit_code, exit.signal, message, exit.oom_killed));
  Actions out;
  if (rules_.has_services && s_.phase == TaskPhase::running) out.push_back(action(ActionKind::remove_services));
  append_actions(out, ended(now, restart_asked() ? triggered(now) : tracker_.exited(now, exit)));
  return out;
}

Actions TaskRunner::kill_finished(const Moment& now, const std::string& handle, const std::string& error) {
  if (s_.phase != TaskPhase::killing || handle != s_.handle) return {};
  if (error.empty() || s_.exit_seen) return kill_done(now);
  // Told once, and tried on: the engine may come back, and a task that nobody ends would run for ever.
  if (++s_.kill_attempts == kill_attempts_told) add_event(killed_event(now.wall, error));
  return set_timer(now.elapsed + kill_retry_delay(s_.kill_attempts - 1));
}

Actions TaskRunner::kill_done(const Moment& now) {
  add_event(killed_event(now.wall, ""));
  return ended(now, triggered(now));
}

Actions TaskRunner::timer_due(const Moment& now) {
  if (s_.deadline == 0 || now.elapsed < Elapsed{s_.deadline}) return {};
  s_.deadline = 0;
  switch (s_.phase) {
    case TaskPhase::backoff:
      return begin_start();
    case TaskPhase::draining:
      return begin_kill(now);
    case TaskPhase::killing: {
      Action stop = action(ActionKind::stop_driver);
      stop.signal = rules_.kill_signal;
      stop.timeout = rules_.kill_timeout;
      return {std::move(stop)};
    }
    default:
      return {};
  }
}

}  // namespace orch

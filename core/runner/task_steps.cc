// The steps that the inputs of a task runner (task_runner.cc) are made of.
#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/runner/task_runner.h"

namespace orch {

Actions TaskRunner::begin_start() {
  s_.handle.clear();
  s_.deadline = 0;
  become(TaskPhase::starting);
  return {action(ActionKind::persist), action(ActionKind::start_driver)};
}

Actions TaskRunner::running_again(const Moment& now) {
  become(TaskPhase::running);
  s_.deadline = 0;
  // What was wanted of it while it could not be told is done now.
  Actions out{action(ActionKind::persist)};
  if (is_stopping()) {
    append_actions(out, begin_stop(now));
  } else if (s_.restart != TaskSnapshot::Restart::none) {
    append_actions(out, begin_kill(now));
  } else if (rules_.has_services) {
    out.push_back(action(ActionKind::set_services));
  }
  return out;
}

Actions TaskRunner::begin_stop(const Moment& now) {
  Actions out;
  if (rules_.has_services) out.push_back(action(ActionKind::remove_services));
  if (rules_.shutdown_delay.ns <= 0) {
    append_actions(out, begin_kill(now));
    return out;
  }
  become(TaskPhase::draining);
  append_actions(out, set_timer(now.elapsed + rules_.shutdown_delay));
  return out;
}

Actions TaskRunner::begin_kill(const Moment& now) {
  // An agent that comes back in the middle of a kill goes on with it; the event is there already.
  const bool told = !s_.state.events.empty() && s_.state.events.back().type == task_event_type::killing;
  if (!told) add_event(killing_event(now.wall, rules_.kill_timeout, s_.stop.sibling));
  become(TaskPhase::killing);
  s_.kill_attempts = 0;
  s_.exit_seen = false;
  s_.deadline = 0;
  Action stop = action(ActionKind::stop_driver);
  stop.signal = rules_.kill_signal;
  stop.timeout = rules_.kill_timeout;
  return {action(ActionKind::persist), std::move(stop)};
}

Actions TaskRunner::set_timer(Elapsed deadline) {
  ORCH_ASSERT(s_.phase == TaskPhase::backoff || s_.phase == TaskPhase::draining || s_.phase == TaskPhase::killing,
              "only a phase that waits has a timer");
  s_.deadline = deadline.ns;
  Action timer = action(ActionKind::set_timer);
  timer.handle.clear();
  timer.deadline = deadline;
  return {action(ActionKind::persist), std::move(timer)};
}

RestartDecision TaskRunner::triggered(const Moment& now) {
  return tracker_.triggered(now, s_.restart == TaskSnapshot::Restart::failure);
}

Actions TaskRunner::ended(const Moment& now, const RestartDecision& decision) {
  const Action destroy = action(ActionKind::destroy);
  s_.handle.clear();
  s_.restart = TaskSnapshot::Restart::none;
  Actions out = is_stopping() ? die(now) : follow(now, decision);
  // After `persist`, so that a crash in between leaves a container that nobody knows: those are found and removed.
  const auto at = std::find_if(out.begin(), out.end(), [](const Action& a) { return a.kind == ActionKind::persist; });
  out.insert(at == out.end() ? at : at + 1, destroy);
  return out;
}

Actions TaskRunner::follow(const Moment& now, const RestartDecision& decision) {
  switch (decision.kind) {
    case RestartDecision::Kind::done:
      return die(now);
    case RestartDecision::Kind::give_up:
      add_event(not_restarting_event(now.wall, decision.reason));
      return die(now);
    case RestartDecision::Kind::restart:
      break;
  }
  add_event(restarting_event(now.wall, decision.delay, decision.reason));
  ++s_.state.restarts;
  s_.state.last_restart = now.wall;
  s_.state.life = TaskLife::pending;
  if (decision.delay.ns <= 0) return begin_start();
  become(TaskPhase::backoff);
  return set_timer(now.elapsed + decision.delay);
}

Actions TaskRunner::die_of_stop(const Moment& now) {
  switch (s_.stop.kind) {
    case StopCause::Kind::sibling_failed:
      add_event(sibling_failed_event(now.wall, s_.stop.sibling));
      break;
    case StopCause::Kind::leader_dead:
      add_event(leader_dead_event(now.wall));
      break;
    default:
      add_event(killed_event(now.wall, ""));
  }
  return die(now);
}

Actions TaskRunner::die(const Moment& now) {
  ++revision_;
  s_.deadline = 0;
  s_.handle.clear();
  become(TaskPhase::dead);
  s_.state.life = TaskLife::dead;
  s_.state.finished_at = now.wall;
  return {action(ActionKind::persist)};
}

}  // namespace orch

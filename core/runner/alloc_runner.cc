#include "core/runner/alloc_runner.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"

namespace orch {

const TaskGroup* AllocAssignment::group() const {
  if (job == nullptr) return nullptr;
  const auto& groups = job->task_groups;
  const auto at = std::find_if(groups.begin(), groups.end(), [&](const TaskGroup& g) { return g.name == group_name; });
  return at == groups.end() ? nullptr : &*at;
}

AllocRunner::AllocRunner(AllocAssignment assignment, const Moment& now)
    : AllocRunner(std::move(assignment), AllocSnapshot{}, now) {}

AllocRunner::AllocRunner(AllocAssignment assignment, const AllocSnapshot& snapshot, const Moment& now)
    : assignment_(std::move(assignment)),
      health_(snapshot.deployment_id == assignment_.deployment_id ? snapshot.health : Health::unset),
      stopping_(snapshot.stopping),
      failure_(snapshot.failure) {
  const TaskGroup* group = assignment_.group();
  if (group == nullptr) return;
  for (const Task& task : group->tasks) {
    TaskRules rules = TaskRules::of(*assignment_.job, *group, task, assignment_.max_kill_timeout);
    const auto before = snapshot.tasks.find(task.name);
    if (before == snapshot.tasks.end()) {
      tasks_.emplace(task.name, TaskRunner(std::move(rules), now));
    } else {
      const auto at = tasks_.emplace(task.name, TaskRunner::restored(std::move(rules), before->second, now)).first;
      death_seen_[task.name] = at->second.is_dead();
    }
  }
}

AllocSnapshot AllocRunner::snapshot() const {
  AllocSnapshot snapshot{assignment_.deployment_id, health_, stopping_, failure_, {}};
  for (const auto& [name, runner] : tasks_) snapshot.tasks.emplace(name, runner.snapshot());
  return snapshot;
}

// ---- what is wanted

Actions AllocRunner::start(const Moment& now) {
  if (assignment_.group() == nullptr) {
    return fail(now, "the job has no task group \"" + assignment_.group_name + "\"");
  }
  watch_health(now);
  Actions actions;
  for (auto& [name, runner] : tasks_) append_actions(actions, runner.start_requested(now));
  return settle(now, std::move(actions));
}

Actions AllocRunner::resume(const Moment& now) {
  if (!stopping_ && health_ == Health::unset) watch_health(now);
  Actions actions;
  for (auto& [name, runner] : tasks_) append_actions(actions, runner.resume(now));
  return settle(now, std::move(actions));
}

Actions AllocRunner::stop(const Moment& now) {
  if (stopping_) return {};
  stopping_ = true;
  tracker_.reset();
  Actions actions{{.kind = ActionKind::persist}};
  const TaskRunner* first = leader();
  for (auto& [name, runner] : tasks_) {
    if (first == nullptr || first->is_dead() || first == &runner) {
      stop_task(now, runner, {StopCause::Kind::desired, ""}, actions);
    }
  }
  return settle(now, std::move(actions));
}

Actions AllocRunner::update(const Moment& now, AllocAssignment assignment) {
  if (assignment.group() == nullptr) return {};
  const bool other_deployment = assignment.deployment_id != assignment_.deployment_id;
  assignment_ = std::move(assignment);
  Actions actions{{.kind = ActionKind::persist}};
  const TaskGroup* group = assignment_.group();
  for (const Task& task : group->tasks) {
    const auto at = tasks_.find(task.name);
    if (at == tasks_.end()) continue;
    TaskRunner& runner = at->second;
    const bool had_services = runner.rules().has_services;
    runner.update(TaskRules::of(*assignment_.job, *group, task, assignment_.max_kill_timeout));
    if (runner.phase() != TaskPhase::running) continue;
    if (runner.rules().has_services) {
      actions.push_back({.kind = ActionKind::set_services, .task = task.name, .handle = runner.handle()});
    } else if (had_services) {
      actions.push_back({.kind = ActionKind::remove_services, .task = task.name, .handle = runner.handle()});
    }
  }
  if (other_deployment && !stopping_ && !is_finished()) {
    health_ = Health::unset;
    watch_health(now);
  }
  return settle(now, std::move(actions));
}

Actions AllocRunner::fail(const Moment& now, const std::string& why) {
  if (!failure_.empty() || is_terminal(client_status())) return {};
  failure_ = why;
  Actions actions{{.kind = ActionKind::persist}};
  for (auto& [name, runner] : tasks_) stop_task(now, runner, {StopCause::Kind::alloc_failed, ""}, actions);
  return settle(now, std::move(actions));
}

Actions AllocRunner::restart_task(const Moment& now, const std::string& task, const std::string& reason) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.restart_requested(now, reason, false); });
}

Actions AllocRunner::signal_task(const Moment& now, const std::string& task, const std::string& signal) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.signal_requested(now, signal, ""); });
}

// ---- what happened

template <class Input>
Actions AllocRunner::with_task(const Moment& now, const std::string& task, Input&& input) {
  const auto at = tasks_.find(task);
  if (at == tasks_.end()) return {};
  return settle(now, input(at->second));
}

Actions AllocRunner::setup_failed(const Moment& now, const std::string& task, const std::string& error) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.setup_failed(now, error); });
}

Actions AllocRunner::driver_message(const Moment& now, const std::string& task, const std::string& message) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.driver_message(now, message); });
}

Actions AllocRunner::driver_started(const Moment& now, const std::string& task, const std::string& handle) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.driver_started(now, handle); });
}

Actions AllocRunner::driver_start_failed(const Moment& now, const std::string& task, const DriverError& error) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.driver_start_failed(now, error); });
}

Actions AllocRunner::recovered(const Moment& now, const std::string& task) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.recovered(now); });
}

Actions AllocRunner::recover_failed(const Moment& now, const std::string& task, const std::string& error) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.recover_failed(now, error); });
}

Actions AllocRunner::exited(const Moment& now, const std::string& task, const std::string& handle,
                            const TaskExit& exit) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.exited(now, handle, exit); });
}

Actions AllocRunner::kill_finished(const Moment& now, const std::string& task, const std::string& handle,
                                   const std::string& error) {
  return with_task(now, task, [&](TaskRunner& runner) { return runner.kill_finished(now, handle, error); });
}

Actions AllocRunner::timer_due(const Moment& now, const std::string& task) {
  if (task.empty()) {
    health_timer_ = Elapsed::never();
    return settle(now, {});
  }
  return with_task(now, task, [&](TaskRunner& runner) { return runner.timer_due(now); });
}

Actions AllocRunner::check_result(const Moment& now, const CheckRef& check, CheckStatus status, std::string output) {
  const auto list = checks_.find(check.task);
  if (list == checks_.end()) return {};
  const auto at =
      std::find_if(list->second.begin(), list->second.end(), [&](const auto& c) { return c.first == check; });
  if (at == list->second.end()) return {};
  CheckState& state = at->second;
  if (!state.observe(now.elapsed, status, std::move(output))) return settle(now, {});
  const std::string reason = "healthcheck: check \"" + state.check_name() + "\" unhealthy";
  return with_task(now, check.task, [&](TaskRunner& runner) { return runner.restart_requested(now, reason, true); });
}

// ---- what follows from it

Actions AllocRunner::settle(const Moment& now, Actions actions) {
  end_siblings(now, actions);
  follow_checks(actions);
  observe_health(now, actions);

  // One snapshot holds all of it, so one persist does, before anything is acted on: after a crash in between the agent
  // knows what it was about to do. The report comes last, so that nothing is told that is not on the disk.
  const auto is_persist = [](const Action& a) { return a.kind == ActionKind::persist; };
  Actions ordered;
  if (std::any_of(actions.begin(), actions.end(), is_persist)) ordered.push_back({.kind = ActionKind::persist});
  for (Action& a : actions) {
    if (!is_persist(a)) ordered.push_back(std::move(a));
  }
  if (const Told told = tellable(); told != told_) {
    told_ = told;
    ordered.push_back({.kind = ActionKind::report});
  }
  for (std::size_t i = 1; i < ordered.size(); ++i) {
    ORCH_ASSERT(ordered[i].kind != ActionKind::persist, "persist stands first and at most once");
    ORCH_ASSERT(ordered[i - 1].kind != ActionKind::report, "nothing follows the report");
  }
  return ordered;
}

void AllocRunner::stop_task(const Moment& now, TaskRunner& runner, StopCause cause, Actions& actions) {
  append_actions(actions, runner.stop_requested(now, std::move(cause)));
}

void AllocRunner::end_siblings(const Moment& now, Actions& actions) {
  // A sibling that dies at once may be the leader, so this goes round until nothing new has died.
  for (bool again = true; again;) {
    again = false;
    for (auto& [name, runner] : tasks_) {
      if (!runner.is_dead() || death_seen_[name]) continue;
      death_seen_[name] = true;
      again = true;
      StopCause cause;
      if (runner.state().failed) {
        cause = {StopCause::Kind::sibling_failed, name};
      } else if (runner.rules().leader) {
        cause = {StopCause::Kind::leader_dead, ""};
      } else {
        continue;
      }
      for (auto& [other, sibling] : tasks_) {
        if (other != name) stop_task(now, sibling, cause, actions);
      }
    }
  }
}

// ---- what is told

const TaskRunner* AllocRunner::leader() const {
  for (const auto& [name, runner] : tasks_) {
    if (runner.rules().leader) return &runner;
  }
  return nullptr;
}

AllocRunner::Told AllocRunner::tellable() const {
  Told told{client_status(), health_, !failure_.empty(), 0};
  for (const auto& [name, runner] : tasks_) told.revisions += runner.revision();
  return told;
}

std::map<std::string, TaskState> AllocRunner::task_states() const {
  std::map<std::string, TaskState> states;
  for (const auto& [name, runner] : tasks_) states.emplace(name, runner.state());
  return states;
}

bool AllocRunner::is_finished() const {
  return std::all_of(tasks_.begin(), tasks_.end(), [](const auto& task) { return task.second.is_dead(); });
}

ClientStatus AllocRunner::client_status() const {
  if (!failure_.empty()) return ClientStatus::failed;
  bool running = false, pending = tasks_.empty();
  for (const auto& [name, runner] : tasks_) {
    if (runner.state().failed) return ClientStatus::failed;
    running = running || runner.state().life == TaskLife::running;
    pending = pending || runner.state().life == TaskLife::pending;
  }
  if (running) return ClientStatus::running;
  return pending ? ClientStatus::pending : ClientStatus::complete;
}

}  // namespace orch

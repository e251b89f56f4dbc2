#include "drivers/node/allocation_runner.h"

#include <utility>

#include "core/base/assert.h"
#include "core/runner/snapshot_json.h"
#include "core/runner/task_states_json.h"
#include "drivers/node/task_config.h"

namespace orch::client {

AllocationRunner::AllocationRunner(const Surroundings& around, AllocationSpec spec)
    : around_(around), spec_(std::move(spec)), dir_(around.alloc_root, spec_.id) {}

AllocationRunner::~AllocationRunner() {
  around_.mailbox.cancel_timer(spec_.id + "/");
  for (auto& [name, run] : tasks_) {
    around_.mailbox.cancel_timer(spec_.id + "/" + name);
    if (run.checks) aside([checks = std::move(run.checks)] { checks->stop(); });
  }
}

AllocAssignment AllocationRunner::assignment() const {
  return {spec_.id, job_with_names(), spec_.group_name, spec_.deployment_id, around_.max_kill_timeout};
}

void AllocationRunner::bind_tasks() {
  for (const Task& task : spec_.group()->tasks) {
    TaskRun& run = tasks_[task.name];
    run.job = spec_.job;
    run.task = &task;
    run.driver = around_.host.driver(task.driver);
    if (!run.calls) run.calls = std::make_unique<net::Strand>(around_.pools.calls);
  }
}

std::expected<void, std::string> AllocationRunner::begin(const std::string& run_state) {
  ORCH_ASSERT(!machine_, "an allocation begins once");
  const Moment now = read_moment();
  bind_tasks();
  if (run_state.empty()) {
    machine_.emplace(assignment(), now);
    // A stop that arrives before the start still ends as a finished allocation that is reported.
    act(spec_.should_run() ? machine_->start(now) : machine_->stop(now));
    return {};
  }
  auto snapshot = snapshot_from_json(run_state);
  if (!snapshot) return std::unexpected(snapshot.error());
  machine_.emplace(assignment(), *snapshot, now);
  act(machine_->resume(now));
  around_.observer.changed(*this, true);  // whether the last report of the earlier process arrived is unknown
  told_ = true;
  return {};
}

void AllocationRunner::update(AllocationSpec spec) {
  ORCH_ASSERT(spec.id == spec_.id, "an allocation stays the same one");
  const bool was_to_run = spec_.should_run();
  const bool other_job = spec.job_version != spec_.job_version || spec.deployment_id != spec_.deployment_id;
  spec_ = std::move(spec);
  bind_tasks();
  if (auto stored = around_.store.put_allocation(spec_.id, spec_.json); !stored)
    around_.observer.say("ERROR", stored.error());
  const Moment now = read_moment();
  if (spec_.should_run()) {
    if (other_job) act(machine_->update(now, assignment()));
  } else if (was_to_run || !machine_->is_stopping()) {
    act(machine_->stop(now));
    cancel_starts();
  }
}

void AllocationRunner::end() {
  act(machine_->stop(read_moment()));
  cancel_starts();
}

void AllocationRunner::cancel_starts() {
  unwanted_ = true;
  for (const auto& [name, run] : tasks_) {
    if (run.driver != nullptr) run.driver->cancel_start(spec_.id, name);
  }
  around_.starts.let_in(spec_.id);
}

void AllocationRunner::abandon() {
  abandoned_ = true;
  cancel_starts();
}

void AllocationRunner::tell_tasks(const std::string& message) {
  for (const auto& [name, run] : tasks_) {
    const auto task = machine_->tasks().find(name);  // a later version of the job may name one that was never here
    if (task != machine_->tasks().end() && task->second.phase() == TaskPhase::running)
      act(machine_->driver_message(read_moment(), name, message));
  }
}

void AllocationRunner::restart(const std::string& task) {
  for (const auto& [name, run] : tasks_) {
    if (task.empty() || task == name) act(machine_->restart_task(read_moment(), name, "User requested restart"));
  }
}

void AllocationRunner::signal(const std::string& task, const std::string& signal) {
  for (const auto& [name, run] : tasks_) {
    if (task.empty() || task == name) act(machine_->signal_task(read_moment(), name, signal));
  }
}

void AllocationRunner::act(const Actions& actions) {
  if (abandoned_) return;
  ORCH_ASSERT(around_.mailbox.on_thread(), "the state machines are driven on the mailbox's thread");
  ORCH_ASSERT(machine_, "an allocation that acts has begun");
  bool report = false;
  for (const Action& action : actions) {
    switch (action.kind) {
      case ActionKind::persist: persist(); break;
      case ActionKind::start_driver: start_driver(action.task); break;
      case ActionKind::recover_driver: recover_driver(action.task, action.handle); break;
      case ActionKind::stop_driver: stop_driver(action); break;
      case ActionKind::signal_driver: signal_driver(action); break;
      case ActionKind::destroy: destroy(action.task, action.handle); break;
      case ActionKind::set_services: set_services(action.task); break;
      case ActionKind::remove_services: remove_services(action.task); break;
      case ActionKind::set_timer: {
        const auto due = [task = action.task](AllocRunner& machine, const Moment& now) {
          return machine.timer_due(now, task);
        };
        around_.mailbox.set_timer(spec_.id + "/" + action.task, action.deadline,
                                  [weak = weak_from_this(), due] {
                                    if (auto self = weak.lock()) self->act(due(*self->machine_, read_moment()));
                                  });
        break;
      }
      case ActionKind::report: report = true; break;
    }
  }
  if (finished() && finished_at_ == Elapsed{}) {
    finished_at_ = read_moment().elapsed;
    for (const auto& [name, run] : tasks_) {
      for (const char* type : {"stdout", "stderr"}) around_.rotator.remove(dir_.path(), AllocDir::log_stem(name, type));
    }
  }
  if (!actions.empty()) around_.observer.changed(*this, report || !told_);
  if (report) told_ = true;
}

void AllocationRunner::persist() {
  if (auto stored = around_.store.put_run(spec_.id, snapshot_to_json(machine_->snapshot())); !stored) {
    around_.observer.say("ERROR", "allocation " + spec_.id + ": " + stored.error());
  }
}

void AllocationRunner::tell(std::function<Actions(AllocRunner&, const Moment&)> input) const {
  around_.mailbox.post([weak = std::weak_ptr(std::const_pointer_cast<AllocationRunner>(shared_from_this())),
                        input = std::move(input)] {
    if (auto self = weak.lock()) self->act(input(*self->machine_, read_moment()));
  });
}

TaskEnvironment AllocationRunner::environment_of(const std::string& name) const {
  return make_environment(spec_, *tasks_.at(name).task, *around_.host.node(), dir_, around_.region);
}

TaskConfig AllocationRunner::config_of(const std::string& name) const {
  return make_task_config(spec_, *tasks_.at(name).task, environment_of(name), dir_, *around_.host.node());
}

// ---- what others are told

std::string AllocationRunner::report_json() const {
  std::string out;
  append_report(out, *machine_);
  return out;
}

std::map<std::string, std::pair<TaskDriver*, std::string>> AllocationRunner::handles() const {
  std::map<std::string, std::pair<TaskDriver*, std::string>> handles;
  for (const auto& [name, runner] : machine_->tasks()) {
    const auto run = tasks_.find(name);
    if (runner.handle().empty() || run == tasks_.end() || run->second.driver == nullptr) continue;
    handles[name] = {run->second.driver, runner.handle()};
  }
  return handles;
}

void AllocationRunner::when_quiet(std::function<void()> then) {
  // Goes through every task's queue in turn, then back to the mailbox.
  auto left = std::make_shared<std::atomic<std::size_t>>(tasks_.size() + 1);
  const auto one = [left, then = std::move(then), mailbox = &around_.mailbox] {
    if (left->fetch_sub(1) == 1) mailbox->post(then);
  };
  for (auto& [name, run] : tasks_) call(run, one);
  one();
}

}  // namespace orch::client

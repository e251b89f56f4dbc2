#include "drivers/node/allocation_runner.h"

#include <algorithm>

#include "drivers/node/task_config.h"
#include "core/base/assert.h"
#include "core/runner/snapshot_json.h"
#include "core/runner/task_states_json.h"

namespace orch::client {
namespace {

// How long a thread that waits for a task's end takes at most to see that the agent stops.
constexpr Duration wait_slice = milliseconds(250);

/// Runs `slice` on the pool again and again while it says so, in turns with others when there are more than threads.
void wait_in(net::Pool& pool, std::function<bool()> slice) {
  (void)pool.run([&pool, slice = std::move(slice)] {  // refused only while the node goes down
    while (slice()) {
      if (pool.has_line()) return wait_in(pool, slice);
    }
  });
}

}  // namespace

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
    run.driver = around_.driver(task.driver);
    if (!run.calls) run.calls = std::make_unique<net::Strand>(around_.pools.calls);
  }
}

std::expected<void, std::string> AllocationRunner::begin(const std::string& run_state) {
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
  around_.changed(*this, true);  // whether the last report of the earlier process arrived is unknown
  told_ = true;
  return {};
}

void AllocationRunner::update(AllocationSpec spec) {
  const bool was_to_run = spec_.should_run();
  const bool other_job = spec.job_version != spec_.job_version || spec.deployment_id != spec_.deployment_id;
  spec_ = std::move(spec);
  bind_tasks();
  if (auto stored = around_.store.put_allocation(spec_.id, spec_.json); !stored) around_.log("ERROR", stored.error());
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
    if (machine_->tasks().at(name).phase() == TaskPhase::running)
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
      around_.rotator.remove(dir_.logs() + "/" + name + ".stdout");
      around_.rotator.remove(dir_.logs() + "/" + name + ".stderr");
    }
  }
  if (!actions.empty()) around_.changed(*this, report || !told_);
  if (report) told_ = true;
}

void AllocationRunner::persist() {
  if (auto stored = around_.store.put_run(spec_.id, snapshot_to_json(machine_->snapshot())); !stored) {
    around_.log("ERROR", "allocation " + spec_.id + ": " + stored.error());
  }
}

void AllocationRunner::tell(std::function<Actions(AllocRunner&, const Moment&)> input) const {
  around_.mailbox.post([weak = std::weak_ptr(std::const_pointer_cast<AllocationRunner>(shared_from_this())),
                        input = std::move(input)] {
    if (auto self = weak.lock()) self->act(input(*self->machine_, read_moment()));
  });
}

TaskEnvironment AllocationRunner::environment_of(const std::string& name) const {
  return make_environment(spec_, *tasks_.at(name).task, *around_.node(), dir_, around_.region);
}

TaskConfig AllocationRunner::config_of(const std::string& name) const {
  return make_task_config(spec_, *tasks_.at(name).task, environment_of(name), dir_, *around_.node());
}

void AllocationRunner::start_driver(const std::string& name) {
  TaskRun& run = tasks_.at(name);
  if (run.driver == nullptr) {
    const std::string error = "driver \"" + run.task->driver + "\" is not on this node";
    return tell([name, error](AllocRunner& machine, const Moment& now) {
      return machine.driver_start_failed(now, name, {error, false});
    });
  }
  const std::string stray = around_.take_stray(spec_.id, name);
  auto start = [self = shared_from_this(), name, stray, driver = run.driver, config = config_of(name),
                logs = run.task->log_config]() mutable {
    const auto failed = [&](std::string error) {
      self->tell([name, error = std::move(error)](AllocRunner& machine, const Moment& now) {
        return machine.setup_failed(now, name, error);
      });
    };
    AllocDir dir = self->dir_;
    if (auto built = dir.build(); !built) return failed(built.error());
    if (auto built = dir.build_task(name); !built) return failed(built.error());
    const auto bytes = static_cast<std::uint64_t>(std::max(1, logs.max_file_size_mb)) << 20;
    const auto files = static_cast<std::uint32_t>(std::max(1, logs.max_files));
    config.stdout_path = self->around_.rotator.add(dir.logs() + "/" + name + ".stdout", bytes, files);
    config.stderr_path = self->around_.rotator.add(dir.logs() + "/" + name + ".stderr", bytes, files);
    std::string handle;
    if (!stray.empty()) {
      // An agent was killed between the start and noting it. What still runs is taken over, anything else removed.
      if (driver->recover(stray, config) && !driver->wait(stray, Duration{})) {
        handle = stray;
      } else {
        (void)driver->destroy(stray);
      }
    }
    if (handle.empty()) {
      if (std::vector<std::string> wrong = driver->validate(config.config); !wrong.empty()) {
        std::string text;
        for (const std::string& one : wrong) text += (text.empty() ? "" : "; ") + one;
        return failed(text);
      }
      if (self->unwanted_) {
        return self->tell([name](AllocRunner& machine, const Moment& now) {
          return machine.driver_start_failed(now, name, {"the task is to stop", true});
        });
      }
      auto started = driver->start(config, [&](const std::string& message) {
        self->tell([name, message](AllocRunner& machine, const Moment& now) {
          return machine.driver_message(now, name, message);
        });
      });
      if (!started) {
        return self->tell([name, error = started.error()](AllocRunner& machine, const Moment& now) {
          return machine.driver_start_failed(now, name, error);
        });
      }
      handle = std::move(*started);
    }
    self->around_.mailbox.post([weak = self->weak_from_this(), name, handle] {
      auto runner = weak.lock();
      if (!runner) return;
      runner->act(runner->machine_->driver_started(read_moment(), name, handle));
      runner->wait_for_end(name, handle);
    });
  };
  // `start` keeps this runner, and with it the run, until it is over.
  around_.starts.enter(spec_.id, [&run, start = std::move(start)](StartGate::Ticket ticket) mutable {
    call(run, [start = std::move(start), ticket = std::move(ticket)]() mutable { start(); });
  });
}

void AllocationRunner::recover_driver(const std::string& name, const std::string& handle) {
  TaskRun& run = tasks_.at(name);
  if (run.driver == nullptr) {
    const std::string error = "driver \"" + run.task->driver + "\" is not on this node any more";
    return tell(
        [name, error](AllocRunner& machine, const Moment& now) { return machine.recover_failed(now, name, error); });
  }
  call(run, [self = shared_from_this(), name, handle, driver = run.driver, config = config_of(name),
             logs = run.task->log_config]() mutable {
    AllocDir dir = self->dir_;
    (void)dir.build();
    (void)dir.build_task(name);
    const auto bytes = static_cast<std::uint64_t>(std::max(1, logs.max_file_size_mb)) << 20;
    const auto files = static_cast<std::uint32_t>(std::max(1, logs.max_files));
    config.stdout_path = self->around_.rotator.add(dir.logs() + "/" + name + ".stdout", bytes, files);
    config.stderr_path = self->around_.rotator.add(dir.logs() + "/" + name + ".stderr", bytes, files);
    auto recovered = driver->recover(handle, config);
    self->around_.mailbox.post([weak = self->weak_from_this(), name, handle,
                                error = recovered ? std::string() : recovered.error().message,
                                good = recovered.has_value()] {
      auto runner = weak.lock();
      if (!runner) return;
      const Moment now = read_moment();
      runner->act(good ? runner->machine_->recovered(now, name) : runner->machine_->recover_failed(now, name, error));
      if (good) runner->wait_for_end(name, handle);
    });
  });
}

void AllocationRunner::wait_for_end(const std::string& name, const std::string& handle) {
  wait_in(around_.pools.waits,
          [weak = weak_from_this(), name, handle, driver = tasks_.at(name).driver, stopping = &around_.stopping] {
            if (*stopping) return false;
            const std::optional<TaskExit> exit = driver->wait(handle, wait_slice);
            const auto self = weak.lock();
            if (!self) return false;
            if (!exit) return true;
            self->tell([name, handle, exit = *exit](AllocRunner& machine, const Moment& now) {
              return machine.exited(now, name, handle, exit);
            });
            return false;
          });
}

void AllocationRunner::call(TaskRun& run, net::Pool::Job job) {
  const bool taken = run.calls->post(std::move(job));
  ORCH_ASSERT(taken, "the pool of calls has room for every task, and outlives the mailbox's thread");
}

void AllocationRunner::aside(net::Pool::Job job) const {
  // Refused only while the node goes down; letting go of the job then ends what it holds.
  (void)around_.pools.calls.run(std::move(job));
}

void AllocationRunner::stop_driver(const Action& action) {
  TaskRun& run = tasks_.at(action.task);
  call(run, [self = shared_from_this(), action, driver = run.driver] {
    std::string error = driver == nullptr ? "the task's driver is not on this node any more" : "";
    if (driver != nullptr) {
      if (auto stopped = driver->stop(action.handle, action.signal, action.timeout); !stopped) {
        error = stopped.error().message.empty() ? "the driver could not stop the task" : stopped.error().message;
      }
    }
    self->tell([action, error](AllocRunner& machine, const Moment& now) {
      return machine.kill_finished(now, action.task, action.handle, error);
    });
  });
}

void AllocationRunner::signal_driver(const Action& action) {
  TaskRun& run = tasks_.at(action.task);
  if (run.driver == nullptr) return;
  call(run, [self = shared_from_this(), action, driver = run.driver] {
    auto sent = driver->signal(action.handle, action.signal);
    if (sent) return;
    self->tell([action, error = sent.error().message](AllocRunner& machine, const Moment& now) {
      return machine.driver_message(now, action.task, "signal " + action.signal + " could not be sent: " + error);
    });
  });
}

void AllocationRunner::destroy(const std::string& name, const std::string& handle) {
  TaskRun& run = tasks_.at(name);
  if (run.driver == nullptr || handle.empty()) return;
  call(run, [driver = run.driver, handle, log = around_.log, look_again = around_.look_again] {
    if (auto gone = driver->destroy(handle); !gone) {
      log("WARN", "remove ended task: " + gone.error().message);
      look_again(driver);
    }
  });
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

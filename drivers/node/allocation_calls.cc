// An allocation's driver calls: what runs on the pools, and how the answers come back to the mailbox.
#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "drivers/node/allocation_runner.h"

namespace orch::client {
namespace {

// How long a thread that waits for a task's end takes at most to see that the agent stops.
constexpr Duration wait_slice = milliseconds(250);

/// Makes the files that the task writes its output to; answers what had to make room for them, each a sentence.
std::expected<std::vector<std::string>, std::string> open_output(LogRotator& rotator, const AllocDir& dir,
                                                                 const LogConfig& logs, TaskConfig& config) {
  const auto bytes = static_cast<std::uint64_t>(std::max(1, logs.max_file_size_mb)) << 20;
  const auto most = static_cast<std::uint32_t>(std::max(1, logs.max_files));
  std::vector<std::string> notices;
  for (const auto& [type, path] :
       {std::pair("stdout", &config.stdout_path), std::pair("stderr", &config.stderr_path)}) {
    auto added = rotator.add(dir.path(), AllocDir::log_stem(config.task_name, type), bytes, most);
    if (!added) return std::unexpected(added.error());
    *path = added->path;
    if (!added->notice.empty()) notices.push_back("The task's output: " + added->notice);
  }
  return notices;
}

/// Runs `slice` on the pool again and again while it says so, in turns with others when there are more than threads.
void wait_in(net::Pool& pool, std::function<bool()> slice) {
  (void)pool.run([&pool, slice = std::move(slice)] {  // refused only while the node goes down
    while (slice()) {
      if (pool.has_line()) return wait_in(pool, slice);
    }
  });
}

}  // namespace

void AllocationRunner::start_driver(const std::string& name) {
  TaskRun& run = tasks_.at(name);
  if (run.driver == nullptr) {
    const std::string error = "driver \"" + run.task->driver + "\" is not on this node";
    return tell([name, error](AllocRunner& machine, const Moment& now) {
      return machine.driver_start_failed(now, name, {error, false});
    });
  }
  const std::string stray = around_.host.take_stray(spec_.id, name);
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
    const auto progress = [&](const std::string& message) {
      self->tell([name, message](AllocRunner& machine, const Moment& now) {
        return machine.driver_message(now, name, message);
      });
    };
    const auto notices = open_output(self->around_.rotator, dir, logs, config);
    if (!notices) return failed(notices.error());
    for (const std::string& notice : *notices) progress(notice);
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
      auto started = driver->start(config, progress);
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
    // What runs goes on running, and where its output has no file any more it is dropped.
    const auto notices = open_output(self->around_.rotator, dir, logs, config);
    for (const std::string& notice :
         notices ? *notices : std::vector{"The task's output is dropped: " + notices.error()}) {
      self->tell([name, notice](AllocRunner& machine, const Moment& now) {
        return machine.driver_message(now, name, notice);
      });
    }
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
  ORCH_ASSERT(!handle.empty(), "what is waited for has been started");
  wait_in(around_.pools.waits,
          [weak = weak_from_this(), name, handle, driver = tasks_.at(name).driver, stopping = &around_.stopping] {
            if (stopping->is_set()) return false;
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
  call(run, [driver = run.driver, handle, observer = &around_.observer] {
    if (auto gone = driver->destroy(handle); !gone) {
      observer->say("WARN", "remove ended task: " + gone.error().message);
      observer->look_again(*driver);
    }
  });
}

}  // namespace orch::client

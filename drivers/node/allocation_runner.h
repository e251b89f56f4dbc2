// Runs one allocation on this machine: carries out what the state machine of core/runner asks and tells it what
// happened.
//
// Everything here is called on the mailbox's thread. Driver calls run on the node's pools, one at a time per task and
// in the order of the machine's actions (waiting for a task's end runs beside them), and their answers come back
// through the mailbox. A start may have to wait at the StartGate before it joins that order: the machine
// asks for nothing else of a task that is starting. What the machine wants remembered is stored before it is acted on.
// Held by shared_ptr: an answer that comes after the allocation was forgotten finds nobody and is dropped.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/model/json_writer.h"
#include "core/model/node.h"
#include "core/runner/alloc_runner.h"
#include "core/runner/environment.h"
#include "core/runner/task_driver.h"
#include "drivers/node/alloc_dir.h"
#include "drivers/node/allocation_ports.h"
#include "drivers/node/allocation_spec.h"
#include "drivers/node/check_runner.h"
#include "drivers/node/log_rotator.h"
#include "drivers/node/mailbox.h"
#include "drivers/node/pools.h"
#include "drivers/node/start_gate.h"
#include "drivers/node/state_store.h"
#include "drivers/node/stop_signal.h"

namespace orch::client {

class AllocationRunner : public std::enable_shared_from_this<AllocationRunner> {
 public:
  /// What all allocations of the node share; outlives them.
  struct Surroundings {
    Mailbox& mailbox;
    Pools& pools;
    StartGate& starts;
    StateStore& store;
    LogRotator& rotator;
    const StopSignal& stopping;  ///< waits for ends give up soon after it is set
    AllocationHost& host;
    AllocationObserver& observer;
    std::string alloc_root, region;
    Duration max_kill_timeout;
  };

  AllocationRunner(const Surroundings& around, AllocationSpec spec);
  /// Ends checks and timers; tasks go on.
  ~AllocationRunner();

  /// A new allocation, or with the run state of an earlier agent process one to be taken up again. An error means that
  /// the state cannot be read; nothing was started then.
  std::expected<void, std::string> begin(const std::string& run_state);

  /// The servers say something newer.
  void update(AllocationSpec spec);
  void end();
  /// The agent stops and the tasks go on: starts under way are given up, and what comes of them is for the next agent.
  void abandon();
  /// A task event for each task that runs.
  void tell_tasks(const std::string& message);
  void restart(const std::string& task);
  void signal(const std::string& task, const std::string& signal);

  /// Calls `then` on the mailbox's thread once no driver call of this allocation is under way or waiting.
  void when_quiet(std::function<void()> then);

  const AllocationSpec& spec() const { return spec_; }
  const AllocDir& dir() const { return dir_; }
  const AllocRunner& machine() const { return *machine_; }
  bool finished() const { return machine_->is_finished() || machine_->tasks().empty(); }
  Elapsed finished_at() const { return finished_at_; }
  /// One object of a report's "Alloc" list.
  std::string report_json() const;
  /// Into an open array: objects of the service catalogue.
  void write_services(JsonWriter& json) const;
  std::map<std::string, std::pair<TaskDriver*, std::string>> handles() const;

 private:
  struct TaskRun {
    std::shared_ptr<const Job> job;  ///< keeps `task`, also when a later version of the job has no such task
    const Task* task = nullptr;
    TaskDriver* driver = nullptr;
    std::unique_ptr<net::Strand> calls;  ///< driver calls, one at a time and in order
    std::shared_ptr<CheckRunner> checks;
    std::uint64_t checks_generation = 0;
    bool in_catalogue = false;
  };

  AllocAssignment assignment() const;
  /// The job as the state machine is to know it: events name services and checks, so what is ${…} in them is filled in.
  std::shared_ptr<const Job> job_with_names() const;
  void bind_tasks();
  void act(const Actions& actions);
  void cancel_starts();
  void persist();
  void start_driver(const std::string& task);
  void recover_driver(const std::string& task, const std::string& handle);
  void stop_driver(const Action& action);
  void signal_driver(const Action& action);
  void destroy(const std::string& task, const std::string& handle);
  void set_services(const std::string& task);
  void remove_services(const std::string& task);
  /// The task's next driver call.
  static void call(TaskRun& run, net::Pool::Job job);
  /// What is to be ended or removed beside the order of any task.
  void aside(net::Pool::Job job) const;
  void wait_for_end(const std::string& task, const std::string& handle);

  /// Runs `input(machine)` on the mailbox's thread, with what follows from it; from any thread.
  void tell(std::function<Actions(AllocRunner&, const Moment&)> input) const;
  TaskEnvironment environment_of(const std::string& task) const;
  /// All but the output files, which are made when the task starts.
  TaskConfig config_of(const std::string& task) const;
  std::vector<CheckTarget> check_targets(const std::string& task, const std::string& handle) const;

  Surroundings around_;
  AllocationSpec spec_;
  AllocDir dir_;
  std::optional<AllocRunner> machine_;
  std::map<std::string, TaskRun> tasks_;
  Elapsed finished_at_{};
  bool told_ = false, abandoned_ = false;
  std::atomic<bool> unwanted_ = false;  ///< no task is to be started any more
};

}  // namespace orch::client

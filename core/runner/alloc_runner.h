// The life of one allocation on its node: its tasks together, its status, its health.
//
// Owns the task runners. When a task fails for good its siblings are killed; when the leader ends they are too, and a
// wanted stop ends the leader first. A batch allocation completes when all of its tasks have. Every input answers with
// the actions to carry out (action.h): `persist` stands first and at most once, `report` last and only if the servers
// would hear something new. Timers of the allocation itself have an empty task name. Inputs for tasks that don't exist
// are ignored. Not thread-safe: one caller at a time.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/job.h"
#include "core/model/status.h"
#include "core/runner/check_state.h"
#include "core/runner/health_tracker.h"
#include "core/runner/task_runner.h"

namespace orch {

/// What the servers want of this node.
struct AllocAssignment {
  std::string alloc_id;
  std::shared_ptr<const Job> job;
  std::string group_name;
  std::string deployment_id;                ///< empty: none
  Duration max_kill_timeout = seconds(30);  ///< the node's bound

  /// nullptr when the job has no group of that name.
  const TaskGroup* group() const;
};

/// What outlives the agent process. Health watching begins anew after a restart, unless it was decided.
struct AllocSnapshot {
  std::string deployment_id;
  Health health = Health::unset;
  bool stopping = false;
  std::string failure;  ///< why the allocation failed as a whole, or empty
  std::map<std::string, TaskSnapshot> tasks;
  bool operator==(const AllocSnapshot&) const = default;

  template <class Self, class Visitor>
  static void fields(Self& self, Visitor&& visit) {
    ORCH_FIELD(0, "DeploymentID", "", deployment_id);
    ORCH_FIELD(0, "Failure", "", failure);
    ORCH_FIELD(0, "Health", "", health);
    ORCH_FIELD(0, "Stopping", "", stopping);
    ORCH_FIELD(0, "Tasks", "", tasks);
  }
};

class AllocRunner {
 public:
  AllocRunner(AllocAssignment assignment, const Moment& now);
  /// After a restart of the agent; call `resume` next, and `update` when the servers say something newer.
  AllocRunner(AllocAssignment assignment, const AllocSnapshot& snapshot, const Moment& now);

  // What is wanted.
  Actions start(const Moment& now);
  Actions resume(const Moment& now);
  Actions stop(const Moment& now);
  /// A new version of the job with the same tasks, or a new deployment: tasks go on, health is watched again. A version
  /// without the allocation's group is none of its: nothing changes.
  Actions update(const Moment& now, AllocAssignment assignment);
  /// The allocation cannot run here at all (its folder can't be made); all its tasks end.
  Actions fail(const Moment& now, const std::string& why);
  Actions restart_task(const Moment& now, const std::string& task, const std::string& reason);
  Actions signal_task(const Moment& now, const std::string& task, const std::string& signal);

  // What happened: answers to actions, see action.h.
  Actions setup_failed(const Moment& now, const std::string& task, const std::string& error);
  Actions driver_message(const Moment& now, const std::string& task, const std::string& message);
  Actions driver_started(const Moment& now, const std::string& task, const std::string& handle);
  Actions driver_start_failed(const Moment& now, const std::string& task, const DriverError& error);
  Actions recovered(const Moment& now, const std::string& task);
  Actions recover_failed(const Moment& now, const std::string& task, const std::string& error);
  Actions exited(const Moment& now, const std::string& task, const std::string& handle, const TaskExit& exit);
  Actions kill_finished(const Moment& now, const std::string& task, const std::string& handle,
                        const std::string& error);
  Actions timer_due(const Moment& now, const std::string& task);
  /// Each result of a check, also when it says the same again: check_restart counts them.
  Actions check_result(const Moment& now, const CheckRef& check, CheckStatus status, std::string output);

  // What the servers and users are told.
  ClientStatus client_status() const;
  /// Why the allocation could not be set up; empty otherwise, as Nomad has it: the tasks' events say the rest.
  const std::string& client_description() const { return failure_; }
  Health health() const { return health_; }
  std::map<std::string, TaskState> task_states() const;
  /// In the job's order, by task.
  const std::map<std::string, std::vector<std::pair<CheckRef, CheckState>>>& checks() const { return checks_; }

  const AllocAssignment& assignment() const { return assignment_; }
  const std::map<std::string, TaskRunner>& tasks() const { return tasks_; }
  bool is_stopping() const { return stopping_; }
  /// All tasks are dead: nothing of it runs any more, its actions are done.
  bool is_finished() const;
  AllocSnapshot snapshot() const;

 private:
  /// Runs `input` on the task and then settles.
  template <class Input>
  Actions with_task(const Moment& now, const std::string& task, Input&& input);
  /// Follows up what the tasks' new states mean for each other, for checks and health, and orders the actions.
  Actions settle(const Moment& now, Actions actions);
  void end_siblings(const Moment& now, Actions& actions);
  void follow_checks(const Actions& actions);
  void set_checks(const std::string& task);
  void watch_health(const Moment& now);
  void observe_health(const Moment& now, Actions& actions);
  std::vector<TaskHealth> task_healths() const;
  const TaskRunner* leader() const;
  void stop_task(const Moment& now, TaskRunner& runner, StopCause cause, Actions& actions);

  /// What the servers hear of; equal means that there is nothing new to tell.
  struct Told {
    ClientStatus status = ClientStatus::pending;
    Health health = Health::unset;
    bool failed = false;
    std::uint64_t revisions = 0;  ///< of all tasks together
    bool operator==(const Told&) const = default;
  };
  Told tellable() const;

  AllocAssignment assignment_;
  std::map<std::string, TaskRunner> tasks_;
  std::map<std::string, bool> death_seen_;  ///< tasks whose end has been followed up
  std::map<std::string, std::vector<std::pair<CheckRef, CheckState>>> checks_;
  std::optional<HealthTracker> tracker_;
  Elapsed health_timer_ = Elapsed::never();
  Health health_ = Health::unset;
  bool stopping_ = false;
  std::string failure_;
  std::optional<Told> told_;  ///< nothing yet by this process
};

}  // namespace orch

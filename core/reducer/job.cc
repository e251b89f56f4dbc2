#include "core/reducer/job.h"

#include <algorithm>

#include "core/model/tables.h"
#include "core/reducer/commands.h"
#include "core/reducer/deployment.h"
#include "core/reducer/evaluation.h"
#include "core/reducer/reschedule.h"

namespace orch {
namespace {

constexpr std::size_t longest_id = 400;  // ids are keys of tables, and keys have a bound

std::string conflict(LogIndex wanted, std::string found) {
  return "Enforcing job modify index " + std::to_string(wanted) + ": " + std::move(found);
}

JobVersion make_version(Job job, std::uint32_t version, LogIndex index, WallTime wall) {
  JobVersion made{.version = version, .job_modify_index = index, .submit_time = wall};
  for (const TaskGroup& group : job.task_groups) made.shapes.push_back(shape_of(group));
  made.job = std::make_shared<const Job>(std::move(job));
  return made;
}

// A version stays while it is among the newest or a current allocation runs it: its spec says what room that holds.
void trim_versions(const State& state, JobState& job) {
  while (job.versions.size() > JobState::kept_versions) {
    for (AllocationNumber n : job.current) {
      if (state.allocation(n).job_version == job.versions.front().version) return;
    }
    job.versions.pop_front();
  }
}

}  // namespace

CommandOutcome register_job(StateEdit& edit, const wire::RegisterJob& command) {
  if (command.job() == nullptr) return {.refusal = "Job must be specified"};
  auto decoded = read_job(*command.job());
  if (!decoded) return {.refusal = decoded.error()};
  if (decoded->id.empty()) return {.refusal = "Job ID hasn't been provided"};
  if (decoded->task_groups.empty()) return {.refusal = "Missing job task groups"};
  if (decoded->id.size() > longest_id)
    return {.refusal = "Job ID has more than " + std::to_string(longest_id) + " bytes"};

  JobNumber n = edit.state().find_job(decoded->id);
  // Who enforces an index says what the job was when it was last looked at; 0 says that it was not there.
  if (command.enforce_index()) {
    const LogIndex wanted = command.job_modify_index();
    if (n && wanted == 0) {
      return {.refusal = conflict(wanted, "job already exists")};
    }
    if (!n && wanted != 0) return {.refusal = conflict(wanted, "job does not exist")};
    if (n && edit.state().job(n).newest().job_modify_index != wanted) {
      return {.refusal = conflict(wanted, "job exists with conflicting job modify index: " +
                                              std::to_string(edit.state().job(n).newest().job_modify_index))};
    }
  }

  bool changed = true;
  if (!n) {
    JobState job{.id = decoded->id, .create_index = edit.index(), .modify_index = edit.index()};
    job.versions.push_back(make_version(std::move(*decoded), 0, edit.index(), edit.wall()));
    n = edit.add_job(std::move(job));
  } else if (edit.state().job(n).stopped || !(edit.state().job(n).job() == *decoded)) {
    const DeploymentNumber deployment = edit.state().job(n).deployment;
    end_deployment(edit, deployment, DeploymentStatus::cancelled, "Cancelled due to newer version of job");
    edit.change(n, [&](JobState& job) {
      job.versions.push_back(
          make_version(std::move(*decoded), job.newest().version + 1, edit.index(), edit.wall()));
      job.stopped = false;
      job.modify_index = edit.index();
      trim_versions(edit.state(), job);
    });
  } else {
    changed = false;  // the same again is no new version, but whoever asks gets an evaluation, as in Nomad
  }
  if (changed) {
    edit.change(n, [](JobState& job) {
      JobVersion& newest = job.versions.back();
      newest.summary_positions.clear();
      for (const TaskGroup& group : job.job().task_groups)
        newest.summary_positions.push_back(job.summary_position(group.name));
    });
    ORCH_ASSERT(edit.state().job(n).newest().summary_positions.size() == edit.state().job(n).newest().shapes.size(),
                "a version has a shape and a summary's position for each of its groups");
    edit.emit(EventKind::job_registered, n.value);
  }
  const EvaluationNumber evaluation = create_evaluation(edit, n, Trigger::job_register);
  return {.evaluation = evaluation, .job_modify_index = edit.state().job(n).newest().job_modify_index};
}

CommandOutcome deregister_job(StateEdit& edit, const wire::DeregisterJob& command) {
  const std::string id = command.job_id() != nullptr ? command.job_id()->str() : std::string();
  const JobNumber n = edit.state().find_job(id);
  if (!n) return {};  // what is not there need not be stopped; as in Nomad it is no error
  const DeploymentNumber deployment = edit.state().job(n).deployment;
  end_deployment(edit, deployment, DeploymentStatus::cancelled, "Cancelled because job is stopped");
  edit.change(n, [&](JobState& job) {
    if (!job.stopped) {
      // A stop is a version of its own, as Nomad's users see in `job history`.
      JobVersion stopped = job.newest();
      stopped.version += 1;
      stopped.stable = false;
      stopped.job_modify_index = edit.index();
      job.versions.push_back(std::move(stopped));
    }
    job.stopped = true;
    job.modify_index = edit.index();
  });
  if (command.purge()) edit.purge(n);
  edit.emit(EventKind::job_deregistered, n.value);
  return {.evaluation = create_evaluation(edit, n, Trigger::job_deregister),
          .job_modify_index = edit.state().job(n).newest().job_modify_index};
}

CommandOutcome evaluate_job(StateEdit& edit, const wire::EvaluateJob& command) {
  const JobNumber n = edit.state().find_job(command.job_id() != nullptr ? command.job_id()->str() : std::string());
  if (!n) return {.refusal = "job not found"};
  return {.evaluation = create_evaluation(edit, n, Trigger::job_register),
          .job_modify_index = edit.state().job(n).newest().job_modify_index};
}

void refresh_job_status(StateEdit& edit, JobNumber n) {
  const JobState& job = edit.state().job(n);
  JobStatus status = JobStatus::dead;
  if (job.live > 0) {
    status = JobStatus::running;
  } else if (!job.stopped && (job.pending || job.blocked || awaits_reschedule(edit.state(), job))) {
    status = JobStatus::pending;
  }
  if (status == job.status) return;
  edit.change(n, [&](JobState& changed) {
    changed.status = status;
    changed.modify_index = edit.index();
  });
  edit.emit(EventKind::job_changed, n.value);
}

}  // namespace orch

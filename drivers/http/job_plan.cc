#include "drivers/http/job_plan.h"

#include <utility>

#include "core/jobspec/job_diff.h"
#include "core/model/json_writer.h"
#include "core/scheduler/schedule.h"
#include "projections/metrics_json.h"

namespace orch::http {
namespace {

void count_updates(TaskGroupDiff& group, const DesiredUpdates& u) {
  auto put = [&](const char* name, std::uint32_t n) {
    if (n != 0) group.updates[name] = n;
  };
  put("create", u.place);
  put("destroy", u.stop);
  put("migrate", u.migrate);
  put("canary", u.canary);
  put("in-place update", u.in_place);
  put("create/destroy update", u.destructive);
  put("ignore", u.ignore);
}

void write_desired(JsonWriter& json, const DesiredUpdates& u) {
  json.object()
      .member("Canary", u.canary)
      .member("DestructiveUpdate", u.destructive)
      .member("Ignore", u.ignore)
      .member("InPlaceUpdate", u.in_place)
      .member("Migrate", u.migrate)
      .member("Place", u.place)
      .member("Stop", u.stop)
      .end();
}

std::string group_name(const Job& job, std::uint16_t group) {
  return group < job.task_groups.size() ? job.task_groups[group].name : std::string();
}

/// What would change, with what the plan does about it beside each group.
std::string diff_of(const DryRun& run, const Job& job) {
  JobDiff tree = diff_jobs(run.before.get(), job, run.was_stopped);
  annotate(tree);
  for (TaskGroupDiff& group : tree.task_groups) {
    for (const DesiredUpdates& u : run.plan.desired) {
      if (group_name(job, u.group) == group.name) count_updates(group, u);
    }
  }
  return diff_to_json(tree);
}

}  // namespace

Answer plan_answer(const State& state, const Job& job, bool with_diff, const std::string& warnings) {
  const DryRun run = dry_run(state, job);
  const auto name_of = [&](std::uint16_t group) { return group_name(job, group); };
  std::string out;
  JsonWriter json(out);
  json.object().key("Annotations").object().key("DesiredTGUpdates").object();
  for (const DesiredUpdates& u : run.plan.desired) write_desired(json.key_of(name_of(u.group)), u);
  json.end().end().null_member("CreatedEvals").key("Diff").raw(with_diff ? diff_of(run, job) : "null");

  bool any_failed = false;
  json.key("FailedTGAllocs");
  for (const GroupMetrics& m : run.plan.metrics) {
    if (m.failed == 0) continue;
    if (!std::exchange(any_failed, true)) json.object();
    json.key_of(name_of(m.group)).object();
    append_metrics_members(json, m, m.failed - 1);
    json.null_member("Scores").end();
  }
  any_failed ? json.end() : json.null();

  // After a failed deployment nothing goes on until the job is another one.
  const JobNumber known = state.find_job(job.id);
  const DeploymentNumber deployment = known ? state.job(known).deployment : DeploymentNumber{};
  const bool over = run.before != nullptr && *run.before == job && deployment &&
                    state.deployment(deployment).status == DeploymentStatus::failed;
  bool any_follows = false;
  json.key("FollowUps");
  for (std::size_t g = 0; !over && g < run.plan.destructive_in_all.size() && g < job.task_groups.size(); ++g) {
    const auto& update = job.task_groups[g].update;
    if (run.plan.destructive_in_all[g] == 0 || !update) continue;
    if (!std::exchange(any_follows, true)) json.array();
    json.object()
        .member("TaskGroup", job.task_groups[g].name)
        .member("Total", run.plan.destructive_in_all[g])
        .member("MaxParallel", update->max_parallel.value_or(1))
        .member("MinHealthyTime", update->min_healthy_time.value_or(Duration{}).ns)
        .end();
  }
  any_follows ? json.end() : json.null();

  json.member("Index", run.job_modify_index)
      .member("JobModifyIndex", run.job_modify_index)
      .member("NextPeriodicLaunch", "0001-01-01T00:00:00Z")
      .member("Warnings", warnings)
      .end();
  return {std::move(out), run.job_modify_index};
}

}  // namespace orch::http

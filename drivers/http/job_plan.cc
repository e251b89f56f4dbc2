#include "drivers/http/job_plan.h"

#include "core/jobspec/job_diff.h"
#include "core/model/json_text.h"
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

std::string desired_json(const DesiredUpdates& u) {
  return "{\"Canary\":" + std::to_string(u.canary) + ",\"DestructiveUpdate\":" + std::to_string(u.destructive) +
         ",\"Ignore\":" + std::to_string(u.ignore) + ",\"InPlaceUpdate\":" + std::to_string(u.in_place) +
         ",\"Migrate\":" + std::to_string(u.migrate) + ",\"Place\":" + std::to_string(u.place) +
         ",\"Stop\":" + std::to_string(u.stop) + "}";
}

}  // namespace

Answer plan_answer(const State& state, const Job& job, bool with_diff, const std::string& warnings) {
  const DryRun run = dry_run(state, job);
  auto name_of = [&](std::uint16_t group) {
    return group < job.task_groups.size() ? job.task_groups[group].name : std::string();
  };
  std::string desired, failed, follow;
  for (const DesiredUpdates& u : run.plan.desired) {
    desired += (desired.empty() ? "" : ",") + quoted(name_of(u.group)) + ":" + desired_json(u);
  }
  for (const GroupMetrics& m : run.plan.metrics) {
    if (m.failed == 0) continue;
    failed += (failed.empty() ? "" : ",") + quoted(name_of(m.group)) + ":";
    JsonWriter json(failed);
    json.object();
    append_metrics_members(json, m, m.failed - 1);
    json.null_member("Scores").end();
  }
  // After a failed deployment nothing goes on until the job is another one.
  const JobNumber known = state.find_job(job.id);
  const DeploymentNumber deployment = known ? state.job(known).deployment : DeploymentNumber{};
  const bool over = run.before != nullptr && *run.before == job && deployment &&
                    state.deployment(deployment).status == DeploymentStatus::failed;
  for (std::size_t g = 0; !over && g < run.plan.destructive_in_all.size() && g < job.task_groups.size(); ++g) {
    const auto& update = job.task_groups[g].update;
    if (run.plan.destructive_in_all[g] == 0 || !update) continue;
    follow += (follow.empty() ? "" : ",") + std::string("{\"TaskGroup\":") + quoted(job.task_groups[g].name) +
              ",\"Total\":" + std::to_string(run.plan.destructive_in_all[g]) +
              ",\"MaxParallel\":" + std::to_string(update->max_parallel.value_or(1)) +
              ",\"MinHealthyTime\":" + std::to_string(update->min_healthy_time.value_or(Duration{}).ns) + "}";
  }
  std::string diff = "null";
  if (with_diff) {
    JobDiff tree = diff_jobs(run.before.get(), job, run.was_stopped);
    annotate(tree);
    for (TaskGroupDiff& group : tree.task_groups) {
      for (const DesiredUpdates& u : run.plan.desired) {
        if (name_of(u.group) == group.name) count_updates(group, u);
      }
    }
    diff = diff_to_json(tree);
  }
  std::string json = "{\"Annotations\":{\"DesiredTGUpdates\":{" + desired +
                     "}},\"CreatedEvals\":null,\"Diff\":" + diff +
                     ",\"FailedTGAllocs\":" + (failed.empty() ? "null" : "{" + failed + "}") +
                     ",\"FollowUps\":" + (follow.empty() ? "null" : "[" + follow + "]") +
                     ",\"Index\":" + std::to_string(run.job_modify_index) +
                     ",\"JobModifyIndex\":" + std::to_string(run.job_modify_index) +
                     ",\"NextPeriodicLaunch\":\"0001-01-01T00:00:00Z\",\"Warnings\":" + quoted(warnings) + "}";
  return {std::move(json), run.job_modify_index};
}

}  // namespace orch::http

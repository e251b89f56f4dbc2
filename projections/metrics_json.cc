#include "projections/metrics_json.h"

#include "core/base/time_text.h"
#include "projections/ids.h"

namespace orch {
namespace {

void append_counts(JsonWriter& json, JsonKey key, const std::vector<NamedCount>& counts) {
  json.key(key);
  if (counts.empty()) {
    json.null();
    return;
  }
  json.object();
  for (const NamedCount& c : counts) json.key_of(c.name).value(c.count);
  json.end();
}

std::string group_name(const JobState& job, std::uint32_t version, std::uint16_t group) {
  const JobVersion* v = job.version(version);
  return v != nullptr && group < v->job->task_groups.size() ? v->job->task_groups[group].name : std::string();
}

}  // namespace

void append_metrics_members(JsonWriter& json, const GroupMetrics& m, std::uint32_t coalesced) {
  json.member("AllocationTime", 0).member("CoalescedFailures", coalesced);
  append_counts(json, "ClassExhausted", m.class_exhausted);
  append_counts(json, "ClassFiltered", m.class_filtered);
  append_counts(json, "ConstraintFiltered", m.constraint_filtered);
  append_counts(json, "DimensionExhausted", m.dimension_exhausted);
  append_counts(json, "NodesAvailable", m.nodes_available);
  json.member("NodesEvaluated", m.nodes_evaluated).member("NodesExhausted", m.nodes_exhausted);
  json.member("NodesFiltered", m.nodes_filtered).null_member("QuotaExhausted");
}

std::string evaluation_json(const State& state, const IdCodec& ids, EvaluationNumber n, WallTime now) {
  const EvaluationState& e = state.evaluation(n);
  const JobState& job = state.job(e.job);
  std::string out;
  JsonWriter json(out);
  json.object().member("AnnotatePlan", false);
  id_member(json, "BlockedEval", ids, IdKind::evaluation, e.blocked);
  json.null_member("ClassEligibility").member("CreateIndex", e.create_index).member("CreateTime", e.created_at.ns);
  id_member(json, "DeploymentID", ids, IdKind::deployment, e.deployment);
  json.member("EscapedComputedClass", false).key("FailedTGAllocs");
  if (e.failed.empty()) {
    json.null();
  } else {
    json.object();
    for (const GroupMetrics& m : e.failed) {
      json.key_of(group_name(job, e.job_version, m.group)).object();
      append_metrics_members(json, m, m.failed - 1);
      json.null_member("Scores").end();
    }
    json.end();
  }
  id_member(json, "ID", ids, IdKind::evaluation, n);
  json.member("JobID", job.id).member("JobModifyIndex", e.job_modify_index).member("LeaderACL", "");
  json.member("ModifyIndex", e.modify_index).member("ModifyTime", now.ns).member("Namespace", "default");
  id_member(json, "NextEval", ids, IdKind::evaluation, e.next);
  json.member("NodeID", e.node ? std::string_view(state.node(e.node).node->id) : std::string_view());
  json.member("NodeModifyIndex", 0);
  id_member(json, "PreviousEval", ids, IdKind::evaluation, e.previous);
  json.member("Priority", e.priority).key("QueuedAllocations");
  if (e.status == EvaluationStatus::pending) {
    json.null();
  } else {
    json.object();
    for (const auto& queued : e.queued) json.key_of(queued.name).value(queued.count);
    json.end();
  }
  json.member("QuotaLimitReached", "").member("SnapshotIndex", e.state_index).member("Status", text(e.status));
  json.member("StatusDescription", e.description).member("TriggeredBy", text(e.trigger));
  json.member("Type", job.job().type).member("Wait", 0).member("WaitUntil", "0001-01-01T00:00:00Z").end();
  return out;
}

std::string deployment_json(const State& state, const IdCodec& ids, DeploymentNumber n) {
  const DeploymentState& d = state.deployment(n);
  std::string out;
  JsonWriter json(out);
  json.object().member("CreateIndex", d.create_index);
  id_member(json, "ID", ids, IdKind::deployment, n);
  json.member("JobCreateIndex", d.job_create_index).member("JobID", state.job(d.job).id);
  json.member("JobModifyIndex", d.job_modify_index).member("JobSpecModifyIndex", d.job_modify_index);
  json.member("JobVersion", d.job_version).member("ModifyIndex", d.modify_index).member("Namespace", "default");
  json.member("Status", text(d.status)).member("StatusDescription", d.description).key("TaskGroups");
  if (d.groups.empty()) {
    json.null();
  } else {
    json.object();
    for (const DeploymentGroup& g : d.groups) {
      json.key_of(g.name).object().member("AutoRevert", false).member("DesiredCanaries", 0);
      json.member("DesiredTotal", g.desired).member("HealthyAllocs", g.healthy).member("PlacedAllocs", g.placed);
      json.null_member("PlacedCanaries").member("ProgressDeadline", g.progress_deadline.ns).member("Promoted", false);
      json.member("RequireProgressBy", rfc3339(g.require_progress_at)).member("UnhealthyAllocs", g.unhealthy).end();
    }
    json.end();
  }
  json.end();
  return out;
}

}  // namespace orch

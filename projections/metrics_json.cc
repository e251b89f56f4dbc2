#include "projections/metrics_json.h"

#include "core/base/time_text.h"
#include "core/model/json_text.h"

namespace orch {
namespace {

void append_counts(std::string& out, const char* name, const std::vector<NamedCount>& counts) {
  out += ",\"";
  out += name;
  out += "\":";
  if (counts.empty()) {
    out += "null";
    return;
  }
  char separator = '{';
  for (const NamedCount& c : counts) {
    out += separator;
    append_quoted(out, c.name);
    out += ':';
    append_number(out, c.count);
    separator = ',';
  }
  out += '}';
}

void append_id(std::string& out, const IdCodec& ids, IdKind kind, std::uint32_t n) {
  out += '"';
  if (n != EvaluationNumber::none_value) ids.append_uuid(out, kind, n);
  out += '"';
}

std::string group_name(const JobState& job, std::uint32_t version, std::uint16_t group) {
  const JobVersion* v = job.version(version);
  return v != nullptr && group < v->job->task_groups.size() ? v->job->task_groups[group].name : std::string();
}

}  // namespace

void append_metrics_fields(std::string& out, const GroupMetrics& m, std::uint32_t coalesced) {
  out += "\"AllocationTime\":0,\"CoalescedFailures\":";
  append_number(out, coalesced);
  append_counts(out, "ClassExhausted", m.class_exhausted);
  append_counts(out, "ClassFiltered", m.class_filtered);
  append_counts(out, "ConstraintFiltered", m.constraint_filtered);
  append_counts(out, "DimensionExhausted", m.dimension_exhausted);
  append_counts(out, "NodesAvailable", m.nodes_available);
  out += ",\"NodesEvaluated\":";
  append_number(out, m.nodes_evaluated);
  out += ",\"NodesExhausted\":";
  append_number(out, m.nodes_exhausted);
  out += ",\"NodesFiltered\":";
  append_number(out, m.nodes_filtered);
  out += ",\"QuotaExhausted\":null";
}

std::string evaluation_json(const State& state, const IdCodec& ids, EvaluationNumber n, WallTime now) {
  const EvaluationState& e = state.evaluation(n);
  const JobState& job = state.job(e.job);
  std::string out = "{\"AnnotatePlan\":false,\"BlockedEval\":";
  append_id(out, ids, IdKind::evaluation, e.blocked.value);
  out += ",\"ClassEligibility\":null,\"CreateIndex\":";
  append_number(out, e.create_index);
  out += ",\"CreateTime\":";
  append_number(out, e.created_at.ns);
  out += ",\"DeploymentID\":";
  append_id(out, ids, IdKind::deployment, e.deployment.value);
  out += ",\"EscapedComputedClass\":false,\"FailedTGAllocs\":";
  if (e.failed.empty()) {
    out += "null";
  } else {
    char separator = '{';
    for (const GroupMetrics& m : e.failed) {
      out += separator;
      append_quoted(out, group_name(job, e.job_version, m.group));
      out += ":{";
      append_metrics_fields(out, m, m.failed - 1);
      out += ",\"Scores\":null}";
      separator = ',';
    }
    out += '}';
  }
  out += ",\"ID\":";
  append_id(out, ids, IdKind::evaluation, n.value);
  out += ",\"JobID\":";
  append_quoted(out, job.id);
  out += ",\"JobModifyIndex\":";
  append_number(out, e.job_modify_index);
  out += ",\"LeaderACL\":\"\",\"ModifyIndex\":";
  append_number(out, e.modify_index);
  out += ",\"ModifyTime\":";
  append_number(out, now.ns);
  out += ",\"Namespace\":\"default\",\"NextEval\":";
  append_id(out, ids, IdKind::evaluation, e.next.value);
  out += ",\"NodeID\":";
  append_quoted(out, e.node ? state.node(e.node).node->id : std::string());
  out += ",\"NodeModifyIndex\":0,\"PreviousEval\":";
  append_id(out, ids, IdKind::evaluation, e.previous.value);
  out += ",\"Priority\":";
  append_number(out, e.priority);
  out += ",\"QueuedAllocations\":";
  if (e.status == EvaluationStatus::pending) {
    out += "null";
  } else {
    out += '{';
    for (std::size_t i = 0; i < e.queued.size(); ++i) {
      if (i != 0) out += ',';
      append_quoted(out, e.queued[i].name);
      out += ':';
      append_number(out, e.queued[i].count);
    }
    out += '}';
  }
  out += ",\"QuotaLimitReached\":\"\",\"SnapshotIndex\":";
  append_number(out, e.state_index);
  out += ",\"Status\":\"";
  out += text(e.status);
  out += "\",\"StatusDescription\":";
  append_quoted(out, e.description);
  out += ",\"TriggeredBy\":\"";
  out += text(e.trigger);
  out += "\",\"Type\":";
  append_quoted(out, job.job().type);
  out += ",\"Wait\":0,\"WaitUntil\":\"0001-01-01T00:00:00Z\"}";
  return out;
}

std::string deployment_json(const State& state, const IdCodec& ids, DeploymentNumber n) {
  const DeploymentState& d = state.deployment(n);
  std::string out = "{\"CreateIndex\":";
  append_number(out, d.create_index);
  out += ",\"ID\":";
  append_id(out, ids, IdKind::deployment, n.value);
  out += ",\"JobCreateIndex\":";
  append_number(out, d.job_create_index);
  out += ",\"JobID\":";
  append_quoted(out, state.job(d.job).id);
  out += ",\"JobModifyIndex\":";
  append_number(out, d.job_modify_index);
  out += ",\"JobSpecModifyIndex\":";
  append_number(out, d.job_modify_index);
  out += ",\"JobVersion\":";
  append_number(out, d.job_version);
  out += ",\"ModifyIndex\":";
  append_number(out, d.modify_index);
  out += ",\"Namespace\":\"default\",\"Status\":\"";
  out += text(d.status);
  out += "\",\"StatusDescription\":";
  append_quoted(out, d.description);
  out += ",\"TaskGroups\":";
  if (d.groups.empty()) out += "null";
  char separator = '{';
  for (const DeploymentGroup& g : d.groups) {
    out += separator;
    append_quoted(out, g.name);
    out += ":{\"AutoRevert\":false,\"DesiredCanaries\":0,\"DesiredTotal\":";
    append_number(out, g.desired);
    out += ",\"HealthyAllocs\":";
    append_number(out, g.healthy);
    out += ",\"PlacedAllocs\":";
    append_number(out, g.placed);
    out += ",\"PlacedCanaries\":null,\"ProgressDeadline\":";
    append_number(out, g.progress_deadline.ns);
    out += ",\"Promoted\":false,\"RequireProgressBy\":";
    append_quoted(out, rfc3339(g.require_progress_at));
    out += ",\"UnhealthyAllocs\":";
    append_number(out, g.unhealthy);
    out += '}';
    separator = ',';
  }
  if (!d.groups.empty()) out += '}';
  out += '}';
  return out;
}

}  // namespace orch

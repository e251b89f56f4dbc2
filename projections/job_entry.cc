#include "projections/job_entry.h"

#include <algorithm>
#include <array>

#include "projections/row_codec.h"

namespace orch {

void append_job_summary(JsonWriter& json, std::string_view job_id, LogIndex create_index, LogIndex modify_index,
                        const std::vector<SummaryGroup>& groups) {
  json.object().key("Children").raw(R"({"Dead":0,"Pending":0,"Running":0})");
  json.member("CreateIndex", create_index).member("JobID", job_id).member("ModifyIndex", modify_index);
  json.member("Namespace", "default").key("Summary").object();
  for (const SummaryGroup& group : groups) {
    const std::uint32_t* c = group.counts;
    json.key_of(group.name).object().member("Complete", c[4]).member("Failed", c[3]).member("Lost", c[5]);
    json.member("Queued", c[0]).member("Running", c[2]).member("Starting", c[1]).end();
  }
  json.end().end();
}

std::string JobEntry::encode(JobNumber n, const JobState& job) {
  const Job& spec = job.job();
  std::string entry;
  JsonWriter json(entry);
  json.object().member("CreateIndex", job.create_index).key("Datacenters").array();
  for (const std::string& datacenter : spec.datacenters) json.value(datacenter);
  json.end().member("ID", job.id).member("JobModifyIndex", job.newest().job_modify_index).key("JobSummary");
  std::vector<std::array<std::uint32_t, 6>> counts;
  std::vector<SummaryGroup> groups;
  counts.reserve(job.summary.size());
  for (const GroupSummary& s : job.summary) {
    counts.push_back({s.queued, s.starting, s.running, s.failed, s.complete, s.lost});
    groups.push_back({s.name, counts.back().data()});
  }
  append_job_summary(json, job.id, job.create_index, job.summary_index != 0 ? job.summary_index : job.create_index,
                     groups);
  json.member("ModifyIndex", job.modify_index).member("Name", spec.name).member("Namespace", "default");
  json.member("ParameterizedJob", spec.parameterized.has_value()).member("ParentID", spec.parent_id);
  json.member("Periodic", spec.periodic.has_value()).member("Priority", spec.priority);
  json.member("Status", text(job.status)).member("StatusDescription", "").member("Stop", job.stopped);
  json.member("SubmitTime", job.newest().submit_time.ns).member("Type", spec.type).end();
  return RowWriter().number(n.value).number(std::max(job.modify_index, job.summary_index)).text(entry).take();
}

JobEntry JobEntry::decode(std::string_view row) {
  RowReader r(row);
  JobEntry e;
  e.number = {r.number<std::uint32_t>()};
  e.index = r.number<LogIndex>();
  e.json = r.text();
  return e;
}

}  // namespace orch

#include "projections/job_entry.h"

#include <algorithm>
#include <array>

#include "core/model/json_text.h"
#include "projections/row_codec.h"

namespace orch {

void append_job_summary(std::string& out, std::string_view job_id, LogIndex create_index, LogIndex modify_index,
                        const std::vector<SummaryGroup>& groups) {
  out += "{\"Children\":{\"Dead\":0,\"Pending\":0,\"Running\":0},\"CreateIndex\":";
  append_number(out, create_index);
  out += ",\"JobID\":";
  append_quoted(out, job_id);
  out += ",\"ModifyIndex\":";
  append_number(out, modify_index);
  out += ",\"Namespace\":\"default\",\"Summary\":{";
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::uint32_t* c = groups[i].counts;
    if (i != 0) out += ',';
    append_quoted(out, groups[i].name);
    out += ":{\"Complete\":";
    append_number(out, c[4]);
    out += ",\"Failed\":";
    append_number(out, c[3]);
    out += ",\"Lost\":";
    append_number(out, c[5]);
    out += ",\"Queued\":";
    append_number(out, c[0]);
    out += ",\"Running\":";
    append_number(out, c[2]);
    out += ",\"Starting\":";
    append_number(out, c[1]);
    out += '}';
  }
  out += "}}";
}

std::string JobEntry::encode(JobNumber n, const JobState& job) {
  const Job& spec = job.job();
  std::string json = "{\"CreateIndex\":";
  append_number(json, job.create_index);
  json += ",\"Datacenters\":";
  char separator = '[';
  if (spec.datacenters.empty()) json += '[';
  for (const std::string& datacenter : spec.datacenters) {
    json += separator;
    append_quoted(json, datacenter);
    separator = ',';
  }
  json += "],\"ID\":";
  append_quoted(json, job.id);
  json += ",\"JobModifyIndex\":";
  append_number(json, job.newest().job_modify_index);
  json += ",\"JobSummary\":";
  std::vector<std::array<std::uint32_t, 6>> counts;
  std::vector<SummaryGroup> groups;
  counts.reserve(job.summary.size());
  for (const GroupSummary& s : job.summary) {
    counts.push_back({s.queued, s.starting, s.running, s.failed, s.complete, s.lost});
    groups.push_back({s.name, counts.back().data()});
  }
  append_job_summary(json, job.id, job.create_index, job.summary_index != 0 ? job.summary_index : job.create_index,
                     groups);
  json += ",\"ModifyIndex\":";
  append_number(json, job.modify_index);
  json += ",\"Name\":";
  append_quoted(json, spec.name);
  json += ",\"Namespace\":\"default\",\"ParameterizedJob\":";
  append_bool(json, spec.parameterized.has_value());
  json += ",\"ParentID\":";
  append_quoted(json, spec.parent_id);
  json += ",\"Periodic\":";
  append_bool(json, spec.periodic.has_value());
  json += ",\"Priority\":";
  append_number(json, spec.priority);
  json += ",\"Status\":\"";
  json += text(job.status);
  json += "\",\"StatusDescription\":\"\",\"Stop\":";
  append_bool(json, job.stopped);
  json += ",\"SubmitTime\":";
  append_number(json, job.newest().submit_time.ns);
  json += ",\"Type\":";
  append_quoted(json, spec.type);
  json += '}';
  return RowWriter().number(n.value).number(std::max(job.modify_index, job.summary_index)).text(json).take();
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

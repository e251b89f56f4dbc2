// Jobs, their versions and summaries.
#include <algorithm>

#include "core/model/json_text.h"
#include "projections/job_entry.h"
#include "projections/queries_impl.h"

namespace orch {
namespace {

std::vector<SummaryGroup> summary_groups(const JobRow& job) {
  std::vector<SummaryGroup> groups;
  for (const JobRow::Group& g : job.groups) groups.push_back({g.name, g.counts.data()});
  return groups;
}

}  // namespace

std::string Queries::Impl::job_json(const JobRow& job, const JobVersionRow& version, std::uint32_t number) const {
  std::string out;
  out.reserve(version.fields.size() + 400);
  out += '{';
  out += version.fields;
  out += ",\"CreateIndex\":";
  append_number(out, job.create_index);
  out += ",\"Dispatched\":false,\"JobModifyIndex\":";
  append_number(out, version.job_modify_index);
  out += ",\"ModifyIndex\":";
  append_number(out, job.modify_index);
  out += ",\"Payload\":null,\"Stable\":";
  append_bool(out, job.stable(number));
  out += ",\"Status\":\"";
  out += text(static_cast<JobStatus>(job.status));
  out += "\",\"StatusDescription\":\"\",\"Stop\":";
  append_bool(out, version.stop);
  out += ",\"SubmitTime\":";
  append_number(out, version.submit_time.ns);
  out += ",\"Version\":";
  append_number(out, number);
  out += '}';
  return out;
}

Answer Queries::jobs(std::string_view prefix) const {
  Answer answer{.json = "[", .index = impl_->last_change(Noun::jobs)};
  impl_->snapshot->scan(Table::job_ids, prefix, [&](Row row) {
    if (row.key.substr(0, prefix.size()) != prefix) return false;
    if (answer.json.size() > 1) answer.json += ',';
    answer.json += JobEntry::decode(row.value).json;
    return true;
  });
  answer.json += ']';
  return answer;
}

std::optional<Answer> Queries::job(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {};
  const auto row = impl_->newest(Table::jobs, n->value);
  const JobRow job = JobRow::decode(row->value);
  const std::uint32_t version = job.versions.back().number;
  const auto spec = impl_->snapshot->get(Table::job_versions, key_of(n->value, version));
  return Answer{impl_->job_json(job, JobVersionRow::decode(*spec), version), job.modify_index};
}

std::optional<Answer> Queries::job_versions(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {};
  const auto row = impl_->newest(Table::jobs, n->value);
  const JobRow job = JobRow::decode(row->value);
  Answer answer{.json = "{\"Diffs\":null,\"Index\":", .index = job.modify_index};
  append_number(answer.json, job.modify_index);
  answer.json += ",\"KnownLeader\":true,\"LastContact\":0,\"Versions\":[";
  for (std::size_t i = job.versions.size(); i-- > 0;) {
    const auto spec = impl_->snapshot->get(Table::job_versions, key_of(n->value, job.versions[i].number));
    if (!spec) continue;
    if (answer.json.back() != '[') answer.json += ',';
    answer.json += impl_->job_json(job, JobVersionRow::decode(*spec), job.versions[i].number);
  }
  answer.json += "]}";
  return answer;
}

std::optional<Answer> Queries::job_summary(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {};
  const auto row = impl_->newest(Table::jobs, n->value);
  const JobRow job = JobRow::decode(row->value);
  const LogIndex index = job.summary_index != 0 ? job.summary_index : job.create_index;
  Answer answer{.index = index};
  append_job_summary(answer.json, job.id, job.create_index, index, summary_groups(job));
  return answer;
}

Answer Queries::job_allocations(std::string_view id, bool) const {
  const auto n = impl_->job_number(id);
  if (!n) return {"[]", impl_->last_change(Noun::allocations)};
  return impl_->list(impl_->allocations_of_chunks(Table::job_chunks, n->value), false, false, impl_->created(*n));
}

}  // namespace orch

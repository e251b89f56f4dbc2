// Jobs, their versions and summaries.
#include <algorithm>

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

void Queries::Impl::append_job(JsonWriter& json, const JobRow& job, const JobVersionRow& version,
                               std::uint32_t number) const {
  json.object().raw_members(version.fields);
  json.member("CreateIndex", job.create_index).member("Dispatched", false);
  json.member("JobModifyIndex", version.job_modify_index).member("ModifyIndex", job.modify_index);
  json.null_member("Payload").member("Stable", job.stable(number));
  json.member("Status", text(static_cast<JobStatus>(job.status))).member("StatusDescription", "");
  json.member("Stop", version.stop).member("SubmitTime", version.submit_time.ns).member("Version", number).end();
}

Answer Queries::jobs(std::string_view prefix) const {
  Answer answer{.index = impl_->last_change(Noun::jobs)};
  answer.json.reserve(16384);
  JsonWriter json(answer.json);
  json.array();
  impl_->snapshot->scan(Table::job_ids, prefix, [&](Row row) {
    if (!row.key.starts_with(prefix)) return false;
    json.raw(JobEntry::decode(row.value).json);
    return true;
  });
  json.end();
  return answer;
}

std::optional<Answer> Queries::job(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {};
  const auto row = impl_->newest(Table::jobs, n->value);
  const JobRow job = JobRow::decode(row->value);
  const std::uint32_t version = job.versions.back().number;
  const auto spec = impl_->snapshot->get(Table::job_versions, key_of(n->value, version));
  Answer answer{.index = job.modify_index};
  answer.json.reserve(spec->size() + 400);
  JsonWriter json(answer.json);
  impl_->append_job(json, job, JobVersionRow::decode(*spec), version);
  return answer;
}

std::optional<Answer> Queries::job_versions(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {};
  const auto row = impl_->newest(Table::jobs, n->value);
  const JobRow job = JobRow::decode(row->value);
  Answer answer{.index = job.modify_index};
  JsonWriter json(answer.json);
  json.object().null_member("Diffs").member("Index", job.modify_index);
  json.member("KnownLeader", true).member("LastContact", 0).key("Versions").array();
  for (std::size_t i = job.versions.size(); i-- > 0;) {
    const auto spec = impl_->snapshot->get(Table::job_versions, key_of(n->value, job.versions[i].number));
    if (!spec) continue;
    impl_->append_job(json, job, JobVersionRow::decode(*spec), job.versions[i].number);
  }
  json.end().end();
  return answer;
}

std::optional<Answer> Queries::job_summary(std::string_view id) const {
  const auto n = impl_->job_number(id);
  if (!n) return {};
  const auto row = impl_->newest(Table::jobs, n->value);
  const JobRow job = JobRow::decode(row->value);
  const LogIndex index = job.summary_index != 0 ? job.summary_index : job.create_index;
  Answer answer{.index = index};
  JsonWriter json(answer.json);
  append_job_summary(json, job.id, job.create_index, index, summary_groups(job));
  return answer;
}

Answer Queries::job_allocations(std::string_view id, bool) const {
  const auto n = impl_->job_number(id);
  if (!n) return {"[]", impl_->last_change(Noun::allocations)};
  return impl_->list(impl_->allocations_of_chunks(Table::job_chunks, n->value), false, false, impl_->created(*n));
}

}  // namespace orch

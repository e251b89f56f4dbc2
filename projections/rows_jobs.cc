// Rows of jobs and their versions.
#include "core/model/job_json.h"
#include "projections/rows.h"

namespace orch {

std::string JobRow::encode(const JobState& job) {
  RowWriter w;
  w.text(job.id).number(job.create_index).number(job.modify_index).number(job.summary_index);
  w.number(job.status).number(job.stopped).number(job.purged).number(job.deployment.value);
  w.number(static_cast<std::uint32_t>(job.versions.size()));
  for (const JobVersion& v : job.versions) w.number(v.version).number(v.stable);
  w.number(static_cast<std::uint32_t>(job.summary.size()));
  for (const GroupSummary& s : job.summary) {
    w.text(s.name)
        .number(s.queued)
        .number(s.starting)
        .number(s.running)
        .number(s.failed)
        .number(s.complete)
        .number(s.lost);
  }
  return w.take();
}

JobRow JobRow::decode(std::string_view row) {
  RowReader r(row);
  JobRow job;
  job.id = r.text();
  job.create_index = r.number<LogIndex>();
  job.modify_index = r.number<LogIndex>();
  job.summary_index = r.number<LogIndex>();
  job.status = r.number<std::uint8_t>();
  job.stopped = r.number<bool>();
  job.purged = r.number<bool>();
  job.deployment = {r.number<std::uint32_t>()};
  for (auto left = r.number<std::uint32_t>(); left != 0; --left) {
    const auto number = r.number<std::uint32_t>();
    job.versions.push_back({number, r.number<bool>()});
  }
  for (auto left = r.number<std::uint32_t>(); left != 0; --left) {
    Group group{.name = r.text()};
    for (std::uint32_t& count : group.counts) count = r.number<std::uint32_t>();
    job.groups.push_back(group);
  }
  return job;
}

bool JobRow::stable(std::uint32_t version) const {
  for (const Version& v : versions) {
    if (v.number == version) return v.stable;
  }
  return false;
}

std::string JobVersionRow::encode(const JobVersion& version, bool stop) {
  const Job& job = *version.job;
  ORCH_ASSERT(version.shapes.size() == job.task_groups.size(), "each task group has its shape");
  std::string fields;
  fields.reserve(4096);
  append_job_fields(fields, job);
  RowWriter w;
  w.number(version.job_modify_index).number(version.submit_time.ns).number(stop).text(job.type).text(fields);
  w.number(static_cast<std::uint32_t>(job.task_groups.size()));
  for (const TaskGroup& group : job.task_groups) w.text(group.name).text(ResourcesRow::encode(group));
  return w.take();
}

JobVersionRow JobVersionRow::decode(std::string_view row) {
  RowReader r(row);
  JobVersionRow v;
  v.job_modify_index = r.number<LogIndex>();
  v.submit_time = {r.number<std::int64_t>()};
  v.stop = r.number<bool>();
  v.type = r.text();
  v.fields = r.text();
  v.groups.resize(r.number<std::uint32_t>());
  for (Group& group : v.groups) {
    group.name = r.text();
    group.resources = r.text();
  }
  ORCH_ASSERT(r.at_end(), "a row is as long as its format says");
  return v;
}

}  // namespace orch

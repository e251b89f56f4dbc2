// A job's entry in the list of jobs: what `GET /v1/jobs` shows of it, kept ready as JSON.
#pragma once

#include <string>
#include <string_view>

#include "core/reducer/state.h"

namespace orch {

struct JobEntry {
  JobNumber number;
  LogIndex index;         // of its last change, the summary's included
  std::string_view json;  // of the list

  static std::string encode(JobNumber n, const JobState& job);
  static JobEntry decode(std::string_view row);
};

/// Nomad's JobSummary, from counts in the order queued, starting, running, failed, complete, lost.
struct SummaryGroup {
  std::string_view name;
  const std::uint32_t* counts;
};
void append_job_summary(std::string& out, std::string_view job_id, LogIndex create_index, LogIndex modify_index,
                        const std::vector<SummaryGroup>& groups);

}  // namespace orch

// A job's entry in the list of jobs: what `GET /v1/jobs` shows of it.
//
// It is kept ready as JSON on purpose. The list is asked for often and is long, an entry takes half a page of columns
// from three rows, and this way ten thousand of them are ten thousand copies of text from neighbouring rows.
#pragma once

#include <string>
#include <string_view>

#include "core/model/json_writer.h"
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
void append_job_summary(JsonWriter& json, std::string_view job_id, LogIndex create_index, LogIndex modify_index,
                        const std::vector<SummaryGroup>& groups);

}  // namespace orch

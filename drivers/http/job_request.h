// The body of a request about a job: `{"Job": {…}, "EnforceIndex": …, "JobModifyIndex": …, "Diff": …}`.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "drivers/http/request.h"
#include "core/model/job.h"

namespace orch::http {

struct JobRequest {
  Job job;  ///< canonical
  bool enforce_index = false;
  LogIndex job_modify_index = 0;
  bool diff = false;

  /// The error is the body of a 400.
  static std::expected<JobRequest, std::string> from(const Request& request);

  /// Why the job cannot be run; empty when it can.
  std::vector<std::string> problems() const;
  std::string warnings_text() const;
};

}  // namespace orch::http

// The job that an id or a prefix of one names.
#pragma once

#include <expected>
#include <string>

#include "cli/api_client.h"

namespace orch::cli {

struct FoundJob {
  std::string id;
  bool exact = false;  ///< the id was typed whole
};

/// An exit code when there is not exactly one: what to tell the user has been printed then.
std::expected<FoundJob, int> job_of_prefix(ApiClient& api, const std::string& prefix, const std::string& doing);

/// ID, Type, Priority, Status, Submit Date.
std::string job_table(const boost::json::value& jobs);

}  // namespace orch::cli

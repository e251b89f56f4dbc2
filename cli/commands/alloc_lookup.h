// The allocation that a prefix of an id names, and the agent that runs it.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <string>

#include "cli/api_client.h"

namespace orch::cli {

/// The whole allocation. An exit code when there is not exactly one; what to tell the user has been printed then
/// (several matches: a table of them, on standard output when `when_several` is 0, as Nomad's commands differ).
std::expected<boost::json::value, int> alloc_of_prefix(ApiClient& api, const std::string& prefix, bool verbose,
                                                       int when_several = 1);

/// The task that `wanted` names, or the only one of the allocation's group. An exit code after a complaint that lists
/// the tasks.
std::expected<std::string, int> task_of_alloc(const boost::json::value& alloc, const std::string& wanted);

/// The job's group that the allocation belongs to; null when the job is not told.
const boost::json::value& group_of_alloc(const boost::json::value& alloc);

/// Any running allocation of a job, or the newest where none runs: its id, or an exit code after a complaint.
std::expected<std::string, int> alloc_of_job(ApiClient& api, const std::string& job);

}  // namespace orch::cli

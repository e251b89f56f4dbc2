// The job file that a command is given: a path, `-` for standard input, or an http URL.
#pragma once

#include <expected>
#include <string>

#include "core/model/job.h"

namespace orch::cli {

/// Parsed and canonical. The error is the whole message for the user.
std::expected<Job, std::string> read_job_file(const std::string& source);

/// `{"Job": …}` as the API takes it, with more members appended ("\"Diff\":true").
std::string job_request(const Job& job, const std::string& more = {});

/// A line after the agent's 413: what its limit is of, since a file far below it may become that large. Else nothing.
std::string size_note(int status, const std::string& request);

}  // namespace orch::cli

// Tables of allocations: of a node, of a job, of the matches of a prefix.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

namespace orch::cli {

/// Newest first, as the API's `CreateIndex` tells; equals stay as they came.
std::vector<const boost::json::value*> newest_first(const boost::json::value& allocations);

/// ID, Node ID, Task Group, Version, Desired, Status, Created, Modified; whole ids, evaluations and instants when
/// `verbose`.
std::string alloc_table(const std::vector<const boost::json::value*>& allocations, bool verbose);

/// The version of its job: list entries carry it, whole allocations of older agents only inside the job.
std::int64_t job_version_of(const boost::json::value& allocation);

}  // namespace orch::cli

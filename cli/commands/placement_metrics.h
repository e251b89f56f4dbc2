// Why allocations were placed where they are, or not placed: the lines under "Placement Metrics".
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace orch::cli {

/// Lines "INDENT* …" of an allocation's Metrics; with `scores` the score of each node that was looked at. No line end
/// after the last one; empty when there is nothing to tell.
std::string placement_metrics(const boost::json::value& metrics, bool scores, const std::string& indent);

}  // namespace orch::cli

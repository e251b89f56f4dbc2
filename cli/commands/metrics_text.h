// Why allocations were not placed, as lines.
#pragma once

#include <boost/json/value.hpp>
#include <string>

namespace orch::cli {

/// Lines of one AllocMetric, each with `prefix`, joined by line ends; empty when it says nothing.
std::string metrics_text(const boost::json::value& metrics, const std::string& prefix);

}  // namespace orch::cli

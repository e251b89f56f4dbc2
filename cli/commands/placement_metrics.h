// Why allocations were placed where they are, or not placed: an AllocMetric of the API as lines.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <string>
#include <string_view>

namespace orch::cli {

enum class Scores : std::uint8_t { hidden, shown };

/// "Task Group "cache" (failed to place 2 allocations):", the line above those of its metrics.
std::string not_placed(std::string_view group, const boost::json::value& metrics);

/// Lines "INDENT* …"; with the scores, also that of each node that was looked at. No line end after the last one; empty
/// when there is nothing to tell. Names are sorted, since the API's objects come in any order.
std::string placement_metrics(const boost::json::value& metrics, const std::string& indent,
                              Scores scores = Scores::hidden);

}  // namespace orch::cli

#include "cli/commands/placement_metrics.h"

#include <boost/json.hpp>
#include <map>

#include "cli/api_client.h"
#include "core/base/format.h"

namespace orch::cli {
namespace {

using boost::json::value;

std::map<std::string, double> by_name(const value& metrics, const char* member) {
  std::map<std::string, double> out;
  if (const auto* object = member_of(metrics, member).if_object()) {
    for (const auto& [name, number] : *object) out[name] = number.is_number() ? number.to_number<double>() : 0;
  }
  return out;
}

}  // namespace

std::string not_placed(std::string_view group, const value& metrics) {
  const std::int64_t count = number_of(metrics, "CoalescedFailures") + 1;  // the first one and those like it
  return fmt::format("Task Group \"{}\" (failed to place {} {}):", group, count,
                     count == 1 ? "allocation" : "allocations");
}

std::string placement_metrics(const value& metrics, const std::string& indent, Scores scores) {
  std::string out;
  auto line = [&](const std::string& text) { out += (out.empty() ? "" : "\n") + indent + "* " + text; };
  auto counts = [&](const char* member, const char* what, const char* verb) {
    for (const auto& [name, count] : by_name(metrics, member))
      line(fmt::format("{} \"{}\" {} {:.0f} nodes", what, name, verb, count));
  };
  if (number_of(metrics, "NodesEvaluated") == 0) line("No nodes were eligible for evaluation");
  for (const auto& [name, count] : by_name(metrics, "NodesAvailable")) {
    if (count == 0) line("No nodes are available in datacenter \"" + name + "\"");
  }
  counts("ClassFiltered", "Class", "filtered");
  counts("ConstraintFiltered", "Constraint", "filtered");
  if (const std::int64_t n = number_of(metrics, "NodesExhausted"); n > 0)
    line(fmt::format("Resources exhausted on {} nodes", n));
  counts("ClassExhausted", "Class", "exhausted on");
  counts("DimensionExhausted", "Dimension", "exhausted on");
  if (const auto* quotas = member_of(metrics, "QuotaExhausted").if_array()) {
    for (const auto& quota : *quotas) {
      if (quota.is_string()) line("Quota limit hit \"" + std::string(quota.get_string()) + "\"");
    }
  }
  if (scores == Scores::hidden) return out;
  for (const auto& [name, score] : by_name(metrics, "Scores")) line(fmt::format("Score \"{}\" = {:f}", name, score));
  return out;
}

}  // namespace orch::cli

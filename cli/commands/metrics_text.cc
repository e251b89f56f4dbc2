#include "cli/commands/metrics_text.h"

#include <map>

#include "cli/api_client.h"

namespace orch::cli {
namespace {

std::map<std::string, std::int64_t> counts(const boost::json::value& metrics, const char* name) {
  std::map<std::string, std::int64_t> sorted;
  if (const auto* object = member_of(metrics, name).if_object()) {
    for (const auto& [key, value] : *object)
      sorted[std::string(key)] = value.is_number() ? value.to_number<std::int64_t>() : 0;
  }
  return sorted;
}

}  // namespace

std::string metrics_text(const boost::json::value& metrics, const std::string& prefix) {
  std::string out;
  auto line = [&](const std::string& text) { out += (out.empty() ? "" : "\n") + prefix + "* " + text; };
  if (number_of(metrics, "NodesEvaluated") == 0) line("No nodes were eligible for evaluation");
  for (const auto& [name, count] : counts(metrics, "NodesAvailable")) {
    if (count == 0) line("No nodes are available in datacenter \"" + name + "\"");
  }
  for (const auto& [name, count] : counts(metrics, "ClassFiltered"))
    line("Class \"" + name + "\" filtered " + std::to_string(count) + " nodes");
  for (const auto& [name, count] : counts(metrics, "ConstraintFiltered"))
    line("Constraint \"" + name + "\" filtered " + std::to_string(count) + " nodes");
  if (const auto exhausted = number_of(metrics, "NodesExhausted"); exhausted > 0)
    line("Resources exhausted on " + std::to_string(exhausted) + " nodes");
  for (const auto& [name, count] : counts(metrics, "ClassExhausted"))
    line("Class \"" + name + "\" exhausted on " + std::to_string(count) + " nodes");
  for (const auto& [name, count] : counts(metrics, "DimensionExhausted"))
    line("Dimension \"" + name + "\" exhausted on " + std::to_string(count) + " nodes");
  return out;
}

}  // namespace orch::cli

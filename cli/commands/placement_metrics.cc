#include "cli/commands/placement_metrics.h"

#include <boost/json.hpp>
#include <cstdio>
#include <map>

#include "cli/api_client.h"

namespace orch::cli {
namespace {

using boost::json::value;

std::map<std::string, const value*> by_name(const value& object) {
  std::map<std::string, const value*> out;
  if (const auto* o = object.if_object()) {
    for (const auto& [key, member] : *o) out[key] = &member;
  }
  return out;
}

std::string figure(double number) {
  char out[64];
  std::snprintf(out, sizeof out, "%f", number);
  return out;
}

}  // namespace

std::string placement_metrics(const value& metrics, bool scores, const std::string& indent) {
  std::string out;
  auto line = [&](const std::string& text) { out += (out.empty() ? "" : "\n") + indent + "* " + text; };
  auto counts = [&](const char* member, const std::string& before, const std::string& after) {
    for (const auto& [name, count] : by_name(member_of(metrics, member))) {
      const std::int64_t n = count->is_number() ? count->to_number<std::int64_t>() : 0;
      line(before + name + after + " " + std::to_string(n) + " nodes");
    }
  };
  if (number_of(metrics, "NodesEvaluated") == 0) line("No nodes were eligible for evaluation");
  for (const auto& [name, count] : by_name(member_of(metrics, "NodesAvailable"))) {
    if (count->is_number() && count->to_number<double>() == 0)
      line("No nodes are available in datacenter \"" + name + "\"");
  }
  counts("ClassFiltered", "Class \"", "\" filtered");
  counts("ConstraintFiltered", "Constraint \"", "\" filtered");
  if (const std::int64_t n = number_of(metrics, "NodesExhausted"); n > 0) {
    line("Resources exhausted on " + std::to_string(n) + " nodes");
  }
  counts("ClassExhausted", "Class \"", "\" exhausted on");
  counts("DimensionExhausted", "Dimension \"", "\" exhausted on");
  if (const auto* quotas = member_of(metrics, "QuotaExhausted").if_array()) {
    for (const auto& quota : *quotas) {
      if (quota.is_string()) line("Quota limit hit \"" + std::string(quota.get_string()) + "\"");
    }
  }
  if (scores) {
    for (const auto& [name, score] : by_name(member_of(metrics, "Scores"))) {
      line("Score \"" + name + "\" = " + figure(score->is_number() ? score->to_number<double>() : 0));
    }
  }
  return out;
}

}  // namespace orch::cli

// Rules of periodic and parameterized blocks.
#include <algorithm>

#include "core/jobspec/validate.h"
#include "core/jobspec/validate_rules.h"

namespace orch {
namespace {

// Five to seven fields, or "@daily" and its like. Whether it ever fires is the leader's to say: time zones are not
// here.
bool is_cron_line(const std::string& line) {
  if (line.starts_with('@')) {
    static const std::set<std::string> macros = {"@annually", "@daily",  "@hourly", "@midnight",
                                                 "@monthly",  "@weekly", "@yearly"};
    return macros.contains(line);
  }
  int fields = 0;
  bool inside = false;
  for (char c : line) {
    const bool space = c == ' ' || c == '\t';
    if (!space && !inside) ++fields;
    inside = !space;
    const bool known = space || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string("*,-/?#").find(c) != std::string::npos;
    if (!known) return false;
  }
  return fields >= 5 && fields <= 7;
}

bool is_zone_name(const std::string& name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           std::string("_/+-").find(c) != std::string::npos;
  });
}

}  // namespace

void check_launch(const Job& job, Errors& errors) {
  if (job.periodic && job.periodic->enabled) {
    const Periodic& p = *job.periodic;
    if (job.type != "batch") errors.push_back("Periodic can only be used with \"batch\" scheduler");
    Errors found;
    if (p.spec.empty()) found.push_back("Must specify a spec");
    if (!is_zone_name(p.time_zone)) found.push_back("Invalid time zone \"" + p.time_zone + "\"");
    if (p.spec_type != "cron") {
      found.push_back("Unknown periodic specification type \"" + p.spec_type + "\"");
    } else if (!p.spec.empty() && !is_cron_line(p.spec)) {
      found.push_back("Invalid cron spec \"" + p.spec + "\"");
    }
    if (!found.empty()) errors.push_back(error_list(found));
  }
  if (job.parameterized) {
    const Parameterized& p = *job.parameterized;
    if (job.type != "batch") errors.push_back("Parameterized job can only be used with \"batch\" scheduler");
    Errors found;
    if (p.payload != "optional" && p.payload != "required" && p.payload != "forbidden") {
      found.push_back("Unknown payload requirement: \"" + p.payload + "\"");
    }
    std::string both;
    for (const std::string& key : p.meta_required) {
      if (std::find(p.meta_optional.begin(), p.meta_optional.end(), key) != p.meta_optional.end())
        both += (both.empty() ? "" : " ") + key;
    }
    if (!both.empty())
      found.push_back("Required and optional meta keys should be disjoint. Following keys exist in both: [" + both +
                      "]");
    if (!found.empty()) errors.push_back(error_list(found));
  }
}

}  // namespace orch

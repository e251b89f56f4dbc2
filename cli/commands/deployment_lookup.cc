#include "cli/commands/deployment_lookup.h"

#include <algorithm>

#include "cli/commands/id_prefix.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "drivers/net/percent.h"

namespace orch::cli {

std::string deployment_table(const boost::json::value& deployments, bool verbose) {
  std::vector<std::vector<std::string>> rows{{"ID", "Job ID", "Job Version", "Status", "Description"}};
  if (const auto* list = deployments.if_array()) {
    std::vector<const boost::json::value*> sorted;
    for (const auto& d : *list) sorted.push_back(&d);
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
      return number_of(*a, "CreateIndex") > number_of(*b, "CreateIndex");
    });
    for (const auto* d : sorted) {
      rows.push_back({shown_id(text_of(*d, "ID"), verbose), text_of(*d, "JobID"),
                      std::to_string(number_of(*d, "JobVersion")), text_of(*d, "Status"),
                      text_of(*d, "StatusDescription")});
    }
  }
  return table(rows);
}

std::string deployed_table(const boost::json::value& deployment) {
  const auto* groups = member_of(deployment, "TaskGroups").if_object();
  if (groups == nullptr) return {};
  bool revert = false, canaries = false, deadline = false;
  for (const auto& [name, g] : *groups) {
    revert |= flag_of(g, "AutoRevert");
    canaries |= number_of(g, "DesiredCanaries") > 0;
    deadline |= parse_instant(text_of(g, "RequireProgressBy")).ns != 0;
  }
  std::vector<std::string> header{"Task Group"};
  if (revert) header.emplace_back("Auto Revert");
  if (canaries) header.emplace_back("Promoted");
  header.emplace_back("Desired");
  if (canaries) header.emplace_back("Canaries");
  for (const char* name : {"Placed", "Healthy", "Unhealthy"}) header.emplace_back(name);
  if (deadline) header.emplace_back("Progress Deadline");
  std::vector<std::vector<std::string>> rows{header};
  std::vector<std::string> names;
  for (const auto& [name, g] : *groups) names.emplace_back(name);
  std::sort(names.begin(), names.end());
  for (const std::string& name : names) {
    const auto& g = groups->at(name);
    std::vector<std::string> row{name};
    if (revert) row.emplace_back(flag_of(g, "AutoRevert") ? "true" : "false");
    if (canaries) row.emplace_back(flag_of(g, "Promoted") ? "true" : "false");
    row.push_back(std::to_string(number_of(g, "DesiredTotal")));
    if (canaries) row.push_back(std::to_string(number_of(g, "DesiredCanaries")));
    for (const char* field : {"PlacedAllocs", "HealthyAllocs", "UnhealthyAllocs"})
      row.push_back(std::to_string(number_of(g, field)));
    if (deadline) row.push_back(instant(parse_instant(text_of(g, "RequireProgressBy"))));
    rows.push_back(row);
  }
  return table(rows);
}

std::expected<boost::json::value, int> deployment_of_prefix(ApiClient& api, const std::string& prefix,
                                                            const std::string& doing) {
  const std::string intro = "Error " + doing + " deployment: ";
  const auto found = api.get("/v1/deployments?prefix=" + net::percent_encoded(whole_bytes(prefix)));
  if (!found) return std::unexpected(complain(intro + found.error().message));
  boost::json::array matches;
  if (const auto* list = found->json.if_array()) {
    for (const auto& d : *list) {
      if (text_of(d, "ID").starts_with(prefix)) matches.push_back(d);
    }
  }
  if (matches.empty())
    return std::unexpected(complain(intro + "Deployment ID \"" + prefix + "\" matched no deployments"));
  if (matches.size() > 1) {
    return std::unexpected(complain("Prefix matched multiple deployments\n\n" + deployment_table(matches, true)));
  }
  return matches[0];
}

}  // namespace orch::cli

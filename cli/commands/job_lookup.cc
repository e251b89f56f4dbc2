#include "cli/commands/job_lookup.h"

#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "drivers/net/percent.h"

namespace orch::cli {

std::string job_table(const boost::json::value& jobs) {
  std::vector<std::vector<std::string>> rows{{"ID", "Type", "Priority", "Status", "Submit Date"}};
  if (const auto* list = jobs.if_array()) {
    for (const auto& job : *list) {
      std::string status = text_of(job, "Status");
      if (flag_of(job, "Stop")) status += " (stopped)";
      std::string type = text_of(job, "Type");
      if (flag_of(job, "Periodic")) type += "/periodic";
      if (flag_of(job, "ParameterizedJob")) type += "/parameterized";
      rows.push_back({text_of(job, "ID"), type, std::to_string(number_of(job, "Priority")), status,
                      instant({number_of(job, "SubmitTime")})});
    }
  }
  return table(rows);
}

std::expected<FoundJob, int> job_of_prefix(ApiClient& api, const std::string& prefix, const std::string& doing) {
  const auto found = api.get("/v1/jobs?prefix=" + net::percent_encoded(prefix));
  if (!found) return std::unexpected(complain("Error " + doing + " job: " + found.error().message));
  const auto* list = found->json.if_array();
  if (list == nullptr || list->empty())
    return std::unexpected(complain("No job(s) with prefix or id \"" + prefix + "\" found"));
  for (const auto& job : *list) {
    if (text_of(job, "ID") == prefix) return FoundJob{prefix, true};
  }
  if (list->size() == 1) return FoundJob{text_of((*list)[0], "ID"), false};
  complain("Prefix matched multiple jobs\n\n" + job_table(found->json));
  return std::unexpected(1);
}

}  // namespace orch::cli

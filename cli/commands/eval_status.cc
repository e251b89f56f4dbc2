// orch eval status ID
#include <algorithm>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/id_prefix.h"
#include "cli/commands/monitor.h"
#include "cli/commands/placement_metrics.h"
#include "cli/format/color.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

std::string eval_table(const boost::json::array& list) {
  std::vector<std::vector<std::string>> rows{{"ID", "Priority", "Triggered By", "Status", "Placement Failures"}};
  for (const auto& e : list) {
    const auto* failed = member_of(e, "FailedTGAllocs").if_object();
    rows.push_back({text_of(e, "ID"), std::to_string(number_of(e, "Priority")), text_of(e, "TriggeredBy"),
                    text_of(e, "Status"), failed != nullptr ? "true" : "false"});
  }
  return table(rows);
}

int run(const Words& words) {
  CommandLine app{"Shows an evaluation, or follows it to its end.", "orch eval status"};
  GeneralOptions general;
  std::string prefix;
  DataOutput data;
  bool verbose = false, monitor = false;
  general.add_to(app);
  app.add_argument("evaluation", prefix, "Evaluation, or the beginning of its id", Need::required, Offer::evaluations);
  app.add_flag("monitor", monitor, "Follows it to its end");
  data.add_to(app);
  app.add_flag("verbose", verbose, "Whole ids, and the evaluations before and after");
  app.add_example("orch eval status 4942d8c4");
  app.add_example("orch eval status -monitor 4942d8c4");
  if (auto over = app.parse(words)) return *over;
  if (prefix.size() == 1) return complain("Identifier must contain at least two characters.");
  ApiClient api(general);
  const auto found = api.get("/v1/evaluations?prefix=" + net::percent_encoded(whole_bytes(prefix)));
  if (!found) return complain("Error querying evaluation: " + found.error().message);
  boost::json::array matches;
  if (const auto* list = found->json.if_array()) {
    for (const auto& e : *list) {
      if (text_of(e, "ID").starts_with(prefix)) matches.push_back(e);
    }
  }
  if (matches.empty()) return complain("No evaluation(s) with prefix or id \"" + prefix + "\" found");
  if (matches.size() > 1) {
    complain("Prefix matched multiple evaluations\n\n" + eval_table(matches));
    return 0;
  }
  const auto& e = matches[0];
  const std::string id = text_of(e, "ID"), status = text_of(e, "Status");
  if (monitor) return monitor_evaluation(api, id, verbose);
  if (data.wanted()) return data.print(e);
  const auto* failed = member_of(e, "FailedTGAllocs").if_object();
  const bool over = status == "complete" || status == "failed" || status == "canceled";
  std::string description = text_of(e, "StatusDescription");
  if (description.empty()) description = status;
  std::vector<std::pair<std::string, std::string>> lines{{"ID", shown_id(id, verbose)},
                                                         {"Status", status},
                                                         {"Status Description", description},
                                                         {"Type", text_of(e, "Type")},
                                                         {"TriggeredBy", text_of(e, "TriggeredBy")}};
  const std::string trigger = text_of(e, "TriggeredBy");
  if (trigger == "node-update") {
    lines.emplace_back("Node ID", shown_id(text_of(e, "NodeID"), verbose));
  } else if (trigger != "queued-allocs") {
    lines.emplace_back("Job ID", text_of(e, "JobID"));
  }
  lines.emplace_back("Priority", std::to_string(number_of(e, "Priority")));
  lines.emplace_back("Placement Failures", !over                                   ? "N/A - In Progress"
                                           : failed != nullptr && !failed->empty() ? "true"
                                                                                   : "false");
  if (verbose) {
    lines.emplace_back("Previous Eval", or_none(text_of(e, "PreviousEval")));
    lines.emplace_back("Next Eval", or_none(text_of(e, "NextEval")));
    lines.emplace_back("Blocked Eval", or_none(text_of(e, "BlockedEval")));
  }
  print_line(key_values(lines));
  if (over && failed != nullptr && !failed->empty()) {
    print_section("Failed Placements");
    for (const auto& [group, metrics] : *failed) {
      print_line(not_placed(group, metrics));
      print_line(placement_metrics(metrics, "  "));
    }
    const std::string blocked = text_of(e, "BlockedEval");
    if (!blocked.empty())
      print_line("\nEvaluation \"" + shown_id(blocked, verbose) +
                 "\" waiting for additional capacity to place remainder");
  }
  return 0;
}

}  // namespace

Command eval_status_command() {
  return {"eval status", "Shows an evaluation, or follows it to its end", run, {"eval-status"}};
}

}  // namespace orch::cli

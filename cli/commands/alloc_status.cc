// orch alloc status: one allocation, its tasks and what happened to them.
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/alloc_lookup.h"
#include "cli/commands/alloc_table.h"
#include "cli/commands/alloc_tasks.h"
#include "cli/commands/node_lookup.h"
#include "cli/commands/placement_metrics.h"
#include "cli/format/color.h"
#include "cli/format/data_output.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "core/base/duration_text.h"
#include "drivers/clock/clock.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

using boost::json::value;
using Pairs = std::vector<std::pair<std::string, std::string>>;

std::string health_of(const value& alloc) {
  const value& healthy = member_of(member_of(alloc, "DeploymentStatus"), "Healthy");
  return !healthy.is_bool() ? "unset" : healthy.get_bool() ? "healthy" : "unhealthy";
}

// "1/2": attempts within the interval of the group's policy, of those that it allows; empty where it sets no limit.
std::string reschedule_attempts(const value& alloc) {
  const value& policy = member_of(group_of_alloc(alloc), "ReschedulePolicy");
  const std::int64_t allowed = number_of(policy, "Attempts");
  const auto* events = member_of(member_of(alloc, "RescheduleTracker"), "Events").if_array();
  if (events == nullptr || events->empty() || allowed <= 0 || flag_of(policy, "Unlimited")) return {};
  const std::int64_t since = number_of(alloc, "ModifyTime") - number_of(policy, "Interval");
  int made = 0;
  for (const auto& event : *events) made += number_of(event, "RescheduleTime") > since ? 1 : 0;
  return std::to_string(made) + "/" + std::to_string(allowed);
}

// When the evaluation that is to replace it comes: "25s from now".
std::string eligible_in(ApiClient& api, const value& alloc) {
  const std::string followup = text_of(alloc, "FollowupEvalID");
  if (followup.empty()) return {};
  auto evaluation = api.get("/v1/evaluation/" + net::percent_encoded(followup));
  if (!evaluation) return {};
  const WallTime until = parse_instant(text_of(evaluation->json, "WaitUntil"));
  const WallTime at = wall_now();
  return until.ns > at.ns ? length({until.ns - at.ns}) + " from now" : std::string();
}

Pairs head_of(ApiClient& api, const value& alloc, bool verbose) {
  auto id = [&](const char* name) { return shown_id(text_of(alloc, name), verbose); };
  auto time = [&](const char* name) {
    const WallTime t{number_of(alloc, name)};
    return verbose ? instant(t) : ago(t);
  };
  Pairs out{{"ID", id("ID")},
            {"Eval ID", id("EvalID")},
            {"Name", text_of(alloc, "Name")},
            {"Node ID", id("NodeID")},
            {"Job ID", text_of(alloc, "JobID")},
            {"Job Version", std::to_string(job_version_of(alloc))},
            {"Client Status", text_of(alloc, "ClientStatus")},
            {"Client Description", or_none(text_of(alloc, "ClientDescription"))},
            {"Desired Status", text_of(alloc, "DesiredStatus")},
            {"Desired Description", or_none(text_of(alloc, "DesiredDescription"))},
            {"Created", time("CreateTime")},
            {"Modified", time("ModifyTime")}};
  if (!text_of(alloc, "DeploymentID").empty()) {
    out.emplace_back("Deployment ID", id("DeploymentID"));
    out.emplace_back("Deployment Health", health_of(alloc));
    if (flag_of(member_of(alloc, "DeploymentStatus"), "Canary")) out.emplace_back("Canary", "true");
  }
  if (std::string attempts = reschedule_attempts(alloc); !attempts.empty())
    out.emplace_back("Reschedule Attempts", attempts);
  if (!text_of(alloc, "NextAllocation").empty()) out.emplace_back("Replacement Alloc ID", id("NextAllocation"));
  if (std::string when = eligible_in(api, alloc); !when.empty()) out.emplace_back("Reschedule Eligibility", when);
  if (verbose) {
    const value& metrics = member_of(alloc, "Metrics");
    out.emplace_back("Evaluated Nodes", std::to_string(number_of(metrics, "NodesEvaluated")));
    out.emplace_back("Filtered Nodes", std::to_string(number_of(metrics, "NodesFiltered")));
    out.emplace_back("Exhausted Nodes", std::to_string(number_of(metrics, "NodesExhausted")));
    out.emplace_back("Allocation Time", duration_text({number_of(metrics, "AllocationTime")}));
    out.emplace_back("Failures", std::to_string(number_of(metrics, "CoalescedFailures")));
  }
  return out;
}

int run(const Words& words) {
  CommandLine app{"Shows an allocation, its tasks and what happened to them.", "orch alloc status"};
  GeneralOptions general;
  std::string id;
  bool brief = false, stats = false, verbose = false;
  DataOutput data;
  app.add_argument("allocation", id, "Id of the allocation, or its first characters", Need::optional,
                   Offer::allocations);
  app.add_flag("short", brief, "A line a task");
  app.add_flag("stats", stats, "All figures of each task's usage");
  app.add_flag("verbose", verbose, "Whole ids, instants and placement metrics");
  data.add_to(app);
  general.add_to(app);
  app.add_example("orch alloc status 5f3a2b1c");
  app.add_example("orch alloc status -stats 5f3a2b1c");
  app.add_example("orch alloc status -t '{{.ClientStatus}}' 5f3a2b1c");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  if (id.empty()) {
    if (!data.wanted()) return app.misused("give the id of an allocation; without one -json and -t show them all");
    auto all = api.get("/v1/allocations");
    if (!all) return complain("Error querying allocations: " + all.error().message);
    return data.print(all->json);
  }
  auto alloc = alloc_of_prefix(api, id, verbose, 0);
  if (!alloc) return alloc.error();
  if (data.wanted()) return data.print(*alloc);

  if (brief) {
    const WallTime created{number_of(*alloc, "CreateTime")}, modified{number_of(*alloc, "ModifyTime")};
    print_line(key_values({{"ID", shown_id(text_of(*alloc, "ID"), verbose)},
                           {"Name", text_of(*alloc, "Name")},
                           {"Created", verbose ? instant(created) : ago(created)},
                           {"Modified", verbose ? instant(modified) : ago(modified)}}));
    print_task_summary(*alloc);
    return 0;
  }
  print_line(key_values(head_of(api, *alloc, verbose)));
  const bool running = text_of(*alloc, "ClientStatus") == "running";
  value usage;
  if (running) {
    ApiClient agent = agent_of_node(api, general, text_of(*alloc, "NodeID"));
    auto told =
        agent.get("/v1/client/allocation/" + net::percent_encoded(text_of(*alloc, "ID")) + "/stats", seconds(5));
    if (told) {
      usage = std::move(told->json);
    } else {
      complain("\nThe node's own agent does not tell the usage: " + told.error().message);
    }
  }
  print_tasks(*alloc, usage, stats);
  if (verbose || text_of(*alloc, "ClientStatus") == "pending") {
    print_section("Placement Metrics");
    if (std::string lines = placement_metrics(member_of(*alloc, "Metrics"), "  ", Scores::shown); !lines.empty())
      print_line(lines);
  }
  return 0;
}

}  // namespace

Command alloc_status_command() { return {"alloc status", "Shows an allocation", run, {"alloc-status"}}; }

}  // namespace orch::cli

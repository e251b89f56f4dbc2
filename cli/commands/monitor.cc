#include "cli/commands/monitor.h"

#include <unistd.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cstdio>
#include <map>

#include "cli/commands/alloc_table.h"
#include "cli/commands/placement_metrics.h"
#include "cli/format/color.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "core/base/format.h"
#include "drivers/clock/clock.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

struct Seen {
  std::string status = "pending", deployment;
  bool triggered = false;
  std::map<std::string, std::string> allocations;  // id → client status
};

void tell(const std::string& text) { print_line("    " + text); }

void tell_allocations(ApiClient& api, Seen& seen, const boost::json::value& evaluation, bool verbose) {
  const auto list = api.get("/v1/evaluation/" + text_of(evaluation, "ID") + "/allocations");
  if (!list || !list->json.is_array()) return;
  std::vector<const boost::json::value*> in_order;
  for (const auto& a : list->json.get_array()) in_order.push_back(&a);
  const auto is_older = [&](const auto* a) {
    return number_of(*a, "CreateIndex") < number_of(evaluation, "CreateIndex");
  };
  std::stable_sort(in_order.begin(), in_order.end(), [&](const auto* a, const auto* b) {
    return is_older(a) != is_older(b) ? is_older(b) : text_of(*a, "Name") < text_of(*b, "Name");
  });
  for (const auto* a : in_order) {
    const std::string id = text_of(*a, "ID"), status = text_of(*a, "ClientStatus");
    const std::string name = "Allocation \"" + shown_id(id, verbose) + "\" ";
    const auto known = seen.allocations.find(id);
    if (known == seen.allocations.end()) {
      tell(name + (is_older(a) ? "modified" : "created") + ": node \"" + shown_id(text_of(*a, "NodeID"), verbose) +
           "\", group \"" + text_of(*a, "TaskGroup") + "\"");
    } else if (known->second != status) {
      const std::string description = text_of(*a, "ClientDescription");
      tell(name + "status changed: \"" + known->second + "\" -> \"" + status + "\"" +
           (description.empty() ? "" : " (" + description + ")"));
    }
    seen.allocations[id] = status;
  }
}

// How many allocations of older versions run in a group: they are there to be replaced, max_parallel at a time.
std::map<std::string, std::int64_t> count_old(ApiClient& api, const std::string& job, std::int64_t version) {
  std::map<std::string, std::int64_t> old;
  const auto answer = api.get("/v1/job/" + net::percent_encoded(job) + "/allocations");
  const auto* list = answer ? answer->json.if_array() : nullptr;
  for (std::size_t i = 0; list != nullptr && i < list->size(); ++i) {
    const boost::json::value& a = (*list)[i];
    const std::string client = text_of(a, "ClientStatus");
    const bool lives = text_of(a, "DesiredStatus") == "run" && (client == "running" || client == "pending");
    if (lives && job_version_of(a) < version) ++old[text_of(a, "TaskGroup")];
  }
  return old;
}

const boost::json::value& update_of(const boost::json::value& job, std::string_view group) {
  static const boost::json::value none;
  if (const auto* list = member_of(job, "TaskGroups").if_array()) {
    for (const auto& g : *list) {
      if (text_of(g, "Name") == group) return member_of(g, "Update");
    }
  }
  return none;
}

// "group "cache": 1 of 3 healthy, 2 still to be replaced, 1 at a time; done in 20s at the earliest"
std::string outlook(const std::string& group, const boost::json::value& state, const boost::json::value& update,
                    std::int64_t old) {
  const auto desired = number_of(state, "DesiredTotal"), healthy = number_of(state, "HealthyAllocs"),
             placed = number_of(state, "PlacedAllocs");
  const std::int64_t parallel = std::max<std::int64_t>(1, number_of(update, "MaxParallel")),
                     least = number_of(update, "MinHealthyTime");
  // Allocations of an earlier version make room one by one; what has none to replace is placed as soon as there is
  // room.
  const std::int64_t missing = std::max<std::int64_t>(0, desired - placed), replaced = std::min(missing, old),
                     fresh = missing - replaced;
  std::string line = fmt::format("group \"{}\": {} of {} healthy", group, healthy, desired);
  if (fresh > 0) line += fmt::format(", {} still to be placed", fresh);
  if (replaced > 0) line += fmt::format(", {} still to be replaced, {} at a time", replaced, parallel);
  // What is placed, or only waits for room, becomes healthy side by side; replacements come in turns.
  const std::int64_t rounds = (placed > healthy || fresh > 0 ? 1 : 0) + (replaced + parallel - 1) / parallel;
  return rounds > 0 && least > 0 ? line + "; done in " + length({rounds * least}) + " at the earliest" : line;
}

// What the deployment goes on to do once the monitor has ended.
void announce(ApiClient& api, const std::string& id, bool verbose) {
  const auto deployment = api.get("/v1/deployment/" + id);
  if (!deployment || text_of(deployment->json, "Status") != "running") return;
  const std::string job_id = text_of(deployment->json, "JobID");
  const auto job = api.get("/v1/job/" + net::percent_encoded(job_id));
  auto old = count_old(api, job_id, number_of(deployment->json, "JobVersion"));
  print_line("");
  print_line("Deployment \"" + shown_id(id, verbose) + "\" goes on by itself:");
  if (const auto* groups = member_of(deployment->json, "TaskGroups").if_object()) {
    for (const auto& [name, state] : *groups) {
      tell(outlook(std::string(name), state, job ? update_of(job->json, std::string(name)) : boost::json::value(),
                   old[std::string(name)]));
    }
  }
  print_line("Follow it with: orch deployment status -monitor " + shown_id(id, verbose));
}

}  // namespace

int monitor_evaluation(ApiClient& api, const std::string& id, bool verbose, bool announce_deployment) {
  print_line("==> Monitoring evaluation \"" + shown_id(id, verbose) + "\"");
  Seen seen;
  std::uint64_t index = 0;
  std::string current = id;
  while (true) {
    const auto answer =
        api.get("/v1/evaluation/" + current + (index != 0 ? "?wait=1s&index=" + std::to_string(index) : ""));
    if (!answer) return complain("Error reading evaluation: " + answer.error().message);
    const boost::json::value& e = answer->json;
    index = answer->index;
    if (!seen.triggered) {
      seen.triggered = true;
      const std::string node = text_of(e, "NodeID");
      tell(text_of(e, "TriggeredBy") == "node-update" && !node.empty()
               ? "Evaluation triggered by node \"" + shown_id(node, verbose) + "\""
               : "Evaluation triggered by job \"" + text_of(e, "JobID") + "\"");
    }
    const std::string deployment = text_of(e, "DeploymentID");
    if (!deployment.empty() && seen.deployment != deployment) {
      seen.deployment = deployment;
      tell("Evaluation within deployment: \"" + shown_id(deployment, verbose) + "\"");
    }
    tell_allocations(api, seen, e, verbose);
    const std::string status = text_of(e, "Status");
    if (status != seen.status) {
      tell(fmt::format("Evaluation status changed: \"{}\" -> \"{}\"", seen.status, status));
      seen.status = status;
    }
    if (status == "pending" || status == "blocked") {
      if (status == "blocked") return 0;
      continue;
    }
    const auto* failed = member_of(e, "FailedTGAllocs").if_object();
    if (failed == nullptr || failed->empty()) {
      const std::string why = status == "complete" ? "" : text_of(e, "StatusDescription");
      print_line(fmt::format("==> Evaluation \"{}\" finished with status \"{}\"{}", shown_id(current, verbose), status,
                             why.empty() ? "" : ": " + why));
    } else {
      print_line(fmt::format("==> Evaluation \"{}\" finished with status \"{}\" but failed to place all allocations:",
                             shown_id(current, verbose), status));
      for (const auto& [group, metrics] : *failed) {
        tell(not_placed(group, metrics));
        if (const std::string lines = placement_metrics(metrics, "      "); !lines.empty()) print_line(lines);
      }
      const std::string blocked = text_of(e, "BlockedEval");
      if (!blocked.empty())
        tell("Evaluation \"" + shown_id(blocked, verbose) + "\" waiting for additional capacity to place remainder");
    }
    const std::string next = text_of(e, "NextEval");
    if (!next.empty() && text_of(e, "BlockedEval").empty()) {
      print_line("==> Monitoring next evaluation \"" + shown_id(next, verbose) + "\"");
      current = next;
      index = 0;
      seen = Seen{};
      continue;
    }
    if (announce_deployment && !seen.deployment.empty()) announce(api, seen.deployment, verbose);
    return failed != nullptr && !failed->empty() ? 2 : 0;
  }
}

namespace {

// "group "cache": 2 of 3 healthy, 3 placed, 0 unhealthy"
std::string count_of(const boost::json::value& deployment) {
  std::map<std::string, const boost::json::value*> sorted;
  if (const auto* groups = member_of(deployment, "TaskGroups").if_object()) {
    for (const auto& [name, state] : *groups) sorted[std::string(name)] = &state;
  }
  std::string line;
  for (const auto& [name, state] : sorted) {
    line += fmt::format("{}group \"{}\": {} of {} healthy, {} placed, {} unhealthy", line.empty() ? "" : "; ", name,
                        number_of(*state, "HealthyAllocs"), number_of(*state, "DesiredTotal"),
                        number_of(*state, "PlacedAllocs"), number_of(*state, "UnhealthyAllocs"));
  }
  return line;
}

}  // namespace

int monitor_deployment(ApiClient& api, const std::string& id, bool verbose) {
  print_line("==> Monitoring deployment \"" + shown_id(id, verbose) + "\"");
  const WallTime start = wall_now();
  // On a terminal one line counts; elsewhere each change has a line of its own.
  const bool live = isatty(STDOUT_FILENO) != 0;
  std::uint64_t index = 0;
  std::string before;
  while (true) {
    const std::string wait = index == 0 ? "" : fmt::format("?wait={}&index={}", live ? "1s" : "30s", index);
    const auto answer = api.get("/v1/deployment/" + id + wait);
    if (!answer) return complain("Error retrieving deployment: " + answer.error().message);
    index = answer->index;
    const std::string line = count_of(answer->json), status = text_of(answer->json, "Status");
    const std::string paused =
        status == "paused" ? " (paused: orch deployment resume " + shown_id(id, false) + ")" : "";
    const bool over = status != "running" && status != "paused";
    if (live) {
      const std::string so_long = length({wall_now().ns - start.ns});
      std::fputs(fmt::format("\r\x1b[K    {}  {}{}{}", so_long, line, paused, over ? "\n" : "").c_str(), stdout);
    } else if (line + paused != before) {
      print_line("    " + instant(wall_now()) + "  " + line + paused);
    }
    std::fflush(stdout);
    before = line + paused;
    if (over) {
      print_line(fmt::format("==> Deployment \"{}\" finished with status \"{}\": {}", shown_id(id, verbose), status,
                             text_of(answer->json, "StatusDescription")));
      return status == "successful" ? 0 : 1;
    }
  }
}

}  // namespace orch::cli

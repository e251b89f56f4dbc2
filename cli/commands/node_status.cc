// orch node status: all nodes, or one with its drivers, events, usage and allocations.
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/alloc_table.h"
#include "cli/commands/node_lookup.h"
#include "cli/commands/node_usage.h"
#include "cli/format/color.h"
#include "cli/format/data_output.h"
#include "cli/format/moment.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "core/base/duration_text.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

using boost::json::value;

struct Options {
  GeneralOptions general;
  std::string id;
  bool self = false, stats = false, allocs = false, brief = false, verbose = false;
  DataOutput data;
};

int list_nodes(ApiClient& api, const Options& o) {
  auto answer = api.get("/v1/nodes");
  if (!answer) return complain("Error querying node status: " + answer.error().message);
  if (o.data.wanted()) return o.data.print(answer->json);
  std::vector<const value*> nodes;
  if (const auto* list = answer->json.if_array()) {
    for (const auto& node : *list) nodes.push_back(&node);
  }
  if (nodes.empty()) return 0;
  std::vector<std::string> running;
  if (o.allocs) {
    auto allocations = api.get("/v1/allocations");
    if (!allocations) return complain("Error querying node allocations: " + allocations.error().message);
    std::map<std::string, int> counts;
    for (const auto* a : newest_first(allocations->json)) {
      if (text_of(*a, "ClientStatus") == "running") ++counts[text_of(*a, "NodeID")];
    }
    for (const auto* node : nodes) running.push_back(std::to_string(counts[text_of(*node, "ID")]));
  }
  print_line(node_table(nodes, o.verbose, o.allocs ? &running : nullptr));
  return 0;
}

std::vector<std::pair<std::string, const value*>> sorted(const value& object) {
  std::vector<std::pair<std::string, const value*>> out;
  if (const auto* o = object.if_object()) {
    for (const auto& [key, member] : *o) out.emplace_back(key, &member);
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

// "docker,exec (unhealthy)": those that were found.
std::string driver_line(const value& node) {
  std::string out;
  for (const auto& [name, driver] : sorted(member_of(node, "Drivers"))) {
    if (!flag_of(*driver, "Detected")) continue;
    out += (out.empty() ? "" : ",") + name + (flag_of(*driver, "Healthy") ? "" : " (unhealthy)");
  }
  return out;
}

void print_drivers(const value& node) {
  std::vector<std::vector<std::string>> rows{{"Driver", "Detected", "Healthy", "Message", "Time"}};
  for (const auto& [name, driver] : sorted(member_of(node, "Drivers"))) {
    rows.push_back({name, flag_of(*driver, "Detected") ? "true" : "false",
                    flag_of(*driver, "Healthy") ? "true" : "false", or_none(text_of(*driver, "HealthDescription")),
                    instant(parse_instant(text_of(*driver, "UpdateTime")))});
  }
  print_section("Drivers");
  print_line(table(rows));
}

void print_events(const value& node, bool verbose) {
  print_section("Node Events");
  std::vector<std::vector<std::string>> rows{{"Time", "Subsystem", "Message"}};
  if (verbose) rows[0].emplace_back("Details");
  if (const auto* events = member_of(node, "Events").if_array()) {
    for (auto e = events->rbegin(); e != events->rend(); ++e) {
      std::vector<std::string> row{instant(parse_instant(text_of(*e, "Timestamp"))), text_of(*e, "Subsystem"),
                                   text_of(*e, "Message")};
      // A driver's event is shown under the driver's name, too.
      const value& details = member_of(*e, "Details");
      if (const std::string driver = text_of(details, "driver"); !driver.empty()) row[1] = "Driver: " + driver;
      if (verbose) {
        std::string list;
        for (const auto& [key, text] : sorted(details)) {
          list += (list.empty() ? "" : ",") + key + ": " + text_of(details, key);
        }
        row.push_back(or_none(list));
      }
      rows.push_back(std::move(row));
    }
  }
  print_line(table(rows));
}

void print_pairs(const value& node, const char* member) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [key, text] : sorted(member_of(node, member))) {
    pairs.emplace_back(key, text->is_string() ? std::string(text->get_string()) : boost::json::serialize(*text));
  }
  print_section(member);
  if (!pairs.empty()) print_line(key_values(pairs));
}

int one_node(ApiClient& api, const Options& o, const value& node) {
  const std::string id = text_of(node, "ID");
  if (o.data.wanted()) return o.data.print(node);
  std::vector<std::pair<std::string, std::string>> head{{"ID", shown_id(id, o.verbose)},
                                                        {"Name", text_of(node, "Name")},
                                                        {"Class", or_none(text_of(node, "NodeClass"))},
                                                        {"DC", text_of(node, "Datacenter")},
                                                        {"Drain", flag_of(node, "Drain") ? "true" : "false"},
                                                        {"Eligibility", text_of(node, "SchedulingEligibility")},
                                                        {"Status", text_of(node, "Status")}};
  if (o.brief) {
    head.emplace_back("Driver Status", or_none(driver_line(node)));
    print_line(key_values(head));
    return 0;
  }
  auto allocations = api.get("/v1/node/" + net::percent_encoded(id) + "/allocations");
  if (!allocations) return complain("Error querying node allocations: " + allocations.error().message);

  const bool up = text_of(node, "Status") != "down";
  std::optional<ApiClient> agent;
  std::expected<ApiAnswer, ApiError> host = std::unexpected(ApiError{});
  if (up) {
    agent.emplace(agent_of_node(api, o.general, id));
    host = agent->get("/v1/client/stats?node_id=" + net::percent_encoded(id), seconds(5));
  }
  if (host) head.emplace_back("Uptime", duration_text(seconds(number_of(host->json, "Uptime"))));
  if (!o.verbose) head.emplace_back("Driver Status", or_none(driver_line(node)));
  print_line(key_values(head));
  if (o.verbose) print_drivers(node);
  print_events(node, o.verbose);

  const value nothing;
  const NodeUsage usage{node, allocations->json, host ? host->json : nothing};
  print_allocated(usage);
  if (host) {
    print_allocation_utilization(usage, *agent);
    print_host_utilization(usage);
    if (o.stats) print_host_details(usage);
  } else if (up) {
    complain("\nThe node's own agent does not tell its usage: " + host.error().message);
  }

  print_section("Allocations");
  const auto list = newest_first(allocations->json);
  print_line(list.empty() ? "No allocations placed" : alloc_table(list, o.verbose));
  if (o.verbose) {
    print_pairs(node, "Attributes");
    print_pairs(node, "Meta");
  }
  return 0;
}

int run(const Words& words) {
  CommandLine app{"Shows the nodes of the cluster, or one of them.", "orch node status"};
  Options o;
  app.add_argument("node", o.id, "Id of a node, or its first characters", Need::optional, Offer::nodes);
  app.add_flag("self", o.self, "The node of the agent that is asked");
  app.add_flag("stats", o.stats, "Usage of each processor and disk");
  app.add_flag("allocs", o.allocs, "In the list: how many allocations run on each node");
  app.add_flag("short", o.brief, "Only the head of what is known of one node");
  app.add_flag("verbose", o.verbose, "Whole ids, attributes, drivers one by one");
  o.data.add_to(app);
  o.general.add_to(app);
  app.add_example("orch node status");
  app.add_example("orch node status -self");
  app.add_example("orch node status -stats 52518a59");
  app.add_example("orch node status -t '{{range .}}{{println .Name .Status}}{{end}}'");
  if (auto over = app.parse(words)) return *over;
  if (o.self && !o.id.empty()) return app.misused("give either a node or -self");
  ApiClient api(o.general);
  if (!o.self && o.id.empty()) return list_nodes(api, o);
  if (o.self) {
    auto own = own_node_id(api);
    if (!own) return own.error();
    o.id = *own;
  }
  auto node = node_of_prefix(api, o.id, o.verbose);
  return node ? one_node(api, o, *node) : node.error();
}

}  // namespace

Command node_status_command() { return {"node status", "Lists nodes, or shows one", run, {"node-status"}}; }

}  // namespace orch::cli

#include "cli/commands/node_lookup.h"

#include <boost/json.hpp>

#include "cli/commands/id_prefix.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

std::string own_node(ApiClient& api) {
  auto self = api.get("/v1/agent/self");
  return self ? text_of(member_of(member_of(self->json, "stats"), "client"), "node_id") : std::string();
}

}  // namespace

std::expected<boost::json::value, int> node_of_prefix(ApiClient& api, const std::string& prefix, bool verbose) {
  if (std::string why = prefix_complaint(prefix); !why.empty()) return std::unexpected(complain(why));
  auto found = api.get("/v1/nodes?prefix=" + net::percent_encoded(whole_bytes(prefix)));
  if (!found) return std::unexpected(complain("Error querying node info: " + found.error().message));
  std::vector<const boost::json::value*> matches;
  if (const auto* list = found->json.if_array()) {
    for (const auto& node : *list) {
      if (text_of(node, "ID").starts_with(prefix)) matches.push_back(&node);
    }
  }
  if (matches.empty()) return std::unexpected(complain("No node(s) with prefix \"" + prefix + "\" found"));
  if (matches.size() > 1) {
    return std::unexpected(complain("Prefix matched multiple nodes\n\n" + node_table(matches, verbose)));
  }
  auto whole = api.get("/v1/node/" + net::percent_encoded(text_of(*matches[0], "ID")));
  if (!whole) return std::unexpected(complain("Error querying node info: " + whole.error().message));
  return std::move(whole->json);
}

std::expected<std::string, int> own_node_id(ApiClient& api) {
  auto self = api.get("/v1/agent/self");
  if (!self) return std::unexpected(complain("Error querying agent info: " + self.error().message));
  std::string id = text_of(member_of(member_of(self->json, "stats"), "client"), "node_id");
  if (id.empty()) return std::unexpected(complain("The agent at " + api.address() + " runs no node client"));
  return id;
}

ApiClient agent_of_node(ApiClient& api, const GeneralOptions& options, const std::string& node_id) {
  if (own_node(api) == node_id) return ApiClient(options);
  auto node = api.get("/v1/node/" + net::percent_encoded(node_id));
  const std::string address = node ? text_of(node->json, "HTTPAddr") : std::string();
  if (address.empty()) return ApiClient(options);
  GeneralOptions there = options;
  there.address = "http://" + address;
  ApiClient agent(there);
  agent.or_through(options);
  return agent;
}

std::string node_table(const std::vector<const boost::json::value*>& nodes, bool verbose,
                       const std::vector<std::string>* running) {
  std::vector<std::vector<std::string>> rows{{"ID", "DC", "Name", "Class"}};
  if (verbose) rows[0].insert(rows[0].end(), {"Address", "Version"});
  rows[0].insert(rows[0].end(), {"Drain", "Eligibility", "Status"});
  if (running != nullptr) rows[0].emplace_back("Running Allocs");
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const boost::json::value& node = *nodes[i];
    std::vector<std::string> row{shown_id(text_of(node, "ID"), verbose), text_of(node, "Datacenter"),
                                 text_of(node, "Name"), or_none(text_of(node, "NodeClass"))};
    if (verbose) row.insert(row.end(), {or_none(text_of(node, "Address")), or_none(text_of(node, "Version"))});
    row.emplace_back(flag_of(node, "Drain") ? "true" : "false");
    row.push_back(text_of(node, "SchedulingEligibility"));
    row.push_back(text_of(node, "Status"));
    if (running != nullptr) row.push_back((*running)[i]);
    rows.push_back(std::move(row));
  }
  return table(rows);
}

}  // namespace orch::cli

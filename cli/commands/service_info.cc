// orch service info NAME: where a service is offered, and whether its checks say that it is well.
#include <algorithm>
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

using boost::json::value;

std::string list_of(const value& tags) {
  std::string out;
  if (const auto* list = tags.if_array()) {
    for (const auto& tag : *list) {
      if (tag.is_string()) out += (out.empty() ? "" : ",") + std::string(tag.get_string());
    }
  }
  return "[" + out + "]";
}

std::string address_of(const value& service) {
  return text_of(service, "Address") + ":" + std::to_string(number_of(service, "Port"));
}

void print_verbose(const value& service) {
  std::vector<std::pair<std::string, std::string>> lines{{"ID", text_of(service, "ID")},
                                                         {"Service Name", text_of(service, "ServiceName")},
                                                         {"Namespace", text_of(service, "Namespace")},
                                                         {"Job ID", text_of(service, "JobID")},
                                                         {"Alloc ID", text_of(service, "AllocID")},
                                                         {"Node ID", text_of(service, "NodeID")},
                                                         {"Datacenter", text_of(service, "Datacenter")},
                                                         {"Address", address_of(service)},
                                                         {"Tags", list_of(member_of(service, "Tags"))}};
  if (const std::string status = text_of(service, "Status"); !status.empty()) lines.emplace_back("Status", status);
  std::string checks;
  if (const auto* list = member_of(service, "Checks").if_array()) {
    for (const auto& check : *list)
      checks += (checks.empty() ? "" : ", ") + text_of(check, "Name") + " " + text_of(check, "Status");
  }
  if (!checks.empty()) lines.emplace_back("Checks", checks);
  print_line(key_values(lines));
}

int run(const Words& words) {
  CommandLine app{"Shows where a service is offered.", "orch service info"};
  GeneralOptions general;
  DataOutput data;
  std::string name;
  bool verbose = false;
  app.add_argument("service", name, "Name of the service", Need::required);
  app.add_flag("verbose", verbose, "Whole ids, everything that is known");
  data.add_to(app);
  general.add_to(app);
  app.add_example("orch service info redis-cache");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto found = api.get("/v1/service/" + net::percent_encoded(name));
  if (!found && found.error().status != 404)
    return complain("Error listing service registrations: " + found.error().message);
  const auto* list = found ? found->json.if_array() : nullptr;
  if (list == nullptr || list->empty()) return complain("No service registrations found for \"" + name + "\"");
  if (data.wanted()) return data.print(found->json);
  std::vector<const value*> sorted;
  for (const auto& service : *list) sorted.push_back(&service);
  std::stable_sort(sorted.begin(), sorted.end(), [](const value* a, const value* b) {
    return text_of(*a, "JobID") != text_of(*b, "JobID") ? text_of(*a, "JobID") < text_of(*b, "JobID")
                                                        : address_of(*a) < address_of(*b);
  });
  if (verbose) {
    for (const value* service : sorted) {
      if (service != sorted.front()) print_line("");
      print_verbose(*service);
    }
    return 0;
  }
  // Whether the checks pass is orch's own to know; Nomad's table ends with the allocation.
  const bool with_status =
      std::any_of(sorted.begin(), sorted.end(), [](const value* s) { return !text_of(*s, "Status").empty(); });
  std::vector<std::vector<std::string>> rows{{"Job ID", "Address", "Tags", "Node ID", "Alloc ID"}};
  if (with_status) rows[0].emplace_back("Status");
  for (const value* service : sorted) {
    rows.push_back({text_of(*service, "JobID"), address_of(*service), list_of(member_of(*service, "Tags")),
                    shown_id(text_of(*service, "NodeID"), false), shown_id(text_of(*service, "AllocID"), false)});
    if (with_status) rows.back().push_back(or_none(text_of(*service, "Status")));
  }
  print_line(table(rows));
  return 0;
}

}  // namespace

Command service_info_command() { return {"service info", "Shows where a service is offered", run}; }

}  // namespace orch::cli

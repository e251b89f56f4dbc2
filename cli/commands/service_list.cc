// orch service list: the names in the service catalogue.
#include <boost/json.hpp>
#include <map>
#include <set>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Lists the services that the running tasks offer.", "orch service list"};
  GeneralOptions general;
  DataOutput data;
  data.add_to(app);
  general.add_to(app);
  app.add_example("orch service list");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto found = api.get("/v1/services");
  if (!found) return complain("Error listing services: " + found.error().message);
  if (data.wanted()) return data.print(found->json);
  std::map<std::string, std::set<std::string>> tags_of;
  if (const auto* spaces = found->json.if_array()) {
    for (const auto& space : *spaces) {
      const auto* services = member_of(space, "Services").if_array();
      if (services == nullptr) continue;
      for (const auto& service : *services) {
        auto& tags = tags_of[text_of(service, "ServiceName")];
        if (const auto* list = member_of(service, "Tags").if_array()) {
          for (const auto& tag : *list) {
            if (tag.is_string()) tags.emplace(tag.get_string());
          }
        }
      }
    }
  }
  if (tags_of.empty()) return print_line("No services found"), 0;
  std::vector<std::vector<std::string>> rows{{"Service Name", "Tags"}};
  for (const auto& [name, tags] : tags_of) {
    std::string list;
    for (const std::string& tag : tags) list += (list.empty() ? "" : ",") + tag;
    rows.push_back({name, "[" + list + "]"});
  }
  print_line(table(rows));
  return 0;
}

}  // namespace

Command service_list_command() { return {"service list", "Lists the services that tasks offer", run}; }

}  // namespace orch::cli

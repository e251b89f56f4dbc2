// orch server members: the servers that the agent knows.
#include <algorithm>
#include <boost/json.hpp>
#include <map>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/color.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"

namespace orch::cli {
namespace {

using boost::json::value;

std::string tag_list(const value& member) {
  std::map<std::string, std::string> tags;
  if (const auto* o = member_of(member, "Tags").if_object()) {
    for (const auto& [key, text] : *o) tags[key] = text_of(*o, key);
  }
  std::string out;
  for (const auto& [key, text] : tags) out += (out.empty() ? "" : ",") + key + "=" + text;
  return out;
}

int run(const Words& words) {
  CommandLine app{"Shows the servers of the cluster and which of them leads.", "orch server members"};
  GeneralOptions general;
  bool detailed = false;
  DataOutput data;
  app.add_flag("detailed,verbose", detailed, "All tags of each server");
  data.add_to(app);
  general.add_to(app);
  app.add_example("orch server members");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  auto answer = api.get("/v1/agent/members");
  if (!answer) return complain("Error querying servers: " + answer.error().message);
  if (data.wanted()) return data.print(answer->json);
  std::vector<const value*> members;
  if (const auto* list = member_of(answer->json, "Members").if_array()) {
    for (const auto& m : *list) members.push_back(&m);
  }
  if (members.empty()) return complain("Agent doesn't know about server members");
  std::sort(members.begin(), members.end(),
            [](const value* a, const value* b) { return text_of(*a, "Name") < text_of(*b, "Name"); });

  std::vector<std::vector<std::string>> rows;
  if (detailed) {
    rows.push_back({"Name", "Address", "Port", "Tags"});
    for (const value* m : members) {
      rows.push_back({text_of(*m, "Name"), text_of(*m, "Addr"), std::to_string(number_of(*m, "Port")), tag_list(*m)});
    }
    print_line(table(rows));
    return 0;
  }
  auto leader = api.get("/v1/status/leader");
  const std::string leads = leader && leader->json.is_string() ? std::string(leader->json.get_string()) : std::string();
  rows.push_back({"Name", "Address", "Port", "Status", "Leader", "Protocol", "Build", "Datacenter", "Region"});
  for (const value* m : members) {
    const value& tags = member_of(*m, "Tags");
    const std::string rpc = text_of(tags, "rpc_addr").empty() ? text_of(*m, "Addr") : text_of(tags, "rpc_addr");
    rows.push_back({text_of(*m, "Name"), text_of(*m, "Addr"), std::to_string(number_of(*m, "Port")),
                    text_of(*m, "Status"),
                    !leads.empty() && rpc + ":" + text_of(tags, "port") == leads ? "true" : "false",
                    std::to_string(number_of(*m, "ProtocolCur")), or_none(text_of(tags, "build")),
                    or_none(text_of(tags, "dc")), or_none(text_of(tags, "region"))});
  }
  print_line(table(rows));
  if (!leader) return complain("\nError determining leaders: " + leader.error().message);
  return 0;
}

}  // namespace

Command server_members_command() { return {"server members", "Lists servers", run, {"server-members"}}; }

}  // namespace orch::cli

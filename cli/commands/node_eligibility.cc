// orch node eligibility: whether a node takes new allocations.
#include <boost/json.hpp>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/node_lookup.h"
#include "cli/format/color.h"
#include "cli/format/shown.h"
#include "drivers/net/percent.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Lets a node take new allocations, or keeps it from them; what runs there stays.",
                  "orch node eligibility"};
  GeneralOptions general;
  std::string id;
  bool enable = false, disable = false, self = false;
  app.add_argument("node", id, "Id of the node, or its first characters", Need::optional, Offer::nodes);
  app.add_flag("enable", enable, "It takes new allocations");
  app.add_flag("disable", disable, "It takes none");
  app.add_flag("self", self, "The node of the agent that is asked");
  general.add_to(app);
  app.add_example("orch node eligibility -disable 52518a59");
  app.add_example("orch node eligibility -enable -self");
  if (auto over = app.parse(words)) return *over;
  if (enable == disable) return app.misused("give either -enable or -disable");
  if (self != id.empty()) return app.misused("give either a node or -self");
  ApiClient api(general);
  if (self) {
    auto own = own_node_id(api);
    if (!own) return own.error();
    id = *own;
  }
  auto node = node_of_prefix(api, id, true);
  if (!node) return node.error();
  id = text_of(*node, "ID");
  const boost::json::object body{{"NodeID", id}, {"Eligibility", enable ? "eligible" : "ineligible"}};
  auto done = api.put("/v1/node/" + net::percent_encoded(id) + "/eligibility", boost::json::serialize(body));
  if (!done) return complain("Error updating scheduling eligibility: " + done.error().message);
  print_line("Node \"" + id + "\" scheduling eligibility set: " + (enable ? "eligible" : "ineligible") +
             " for scheduling");
  return 0;
}

}  // namespace

Command node_eligibility_command() { return {"node eligibility", "Says whether a node takes new work", run}; }

}  // namespace orch::cli

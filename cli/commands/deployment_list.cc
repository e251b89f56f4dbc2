// orch deployment list
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/deployment_lookup.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Lists deployments, the newest first.", "orch deployment list"};
  GeneralOptions general;
  DataOutput data;
  bool verbose = false;
  general.add_to(app);
  data.add_to(app);
  app.add_flag("verbose", verbose, "Whole ids");
  app.add_example("orch deployment list");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto found = api.get("/v1/deployments");
  if (!found) return complain("Error retrieving deployments: " + found.error().message);
  if (data.wanted()) return data.print(found->json);
  if (const auto* list = found->json.if_array(); list == nullptr || list->empty()) {
    print_line("No deployments found");
  } else {
    print_line(deployment_table(found->json, verbose));
  }
  return 0;
}

}  // namespace

Command deployment_list_command() { return {"deployment list", "Lists deployments", run}; }

}  // namespace orch::cli

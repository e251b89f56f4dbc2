// orch deployment status ID
#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/commands/deployment_lookup.h"
#include "cli/commands/monitor.h"
#include "cli/format/color.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"
#include "cli/format/table.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Shows a deployment, or follows it to its end.", "orch deployment status"};
  GeneralOptions general;
  std::string prefix;
  DataOutput data;
  bool verbose = false, monitor = false;
  general.add_to(app);
  app.add_argument("deployment", prefix, "Deployment, or the beginning of its id", Need::required, Offer::deployments);
  app.add_flag("monitor", monitor, "Follows it to its end; exit code 0 when it succeeds");
  data.add_to(app);
  app.add_flag("verbose", verbose, "Whole ids");
  app.add_example("orch deployment status -monitor 4942d8c4");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  const auto deployment = deployment_of_prefix(api, prefix, "retrieving");
  if (!deployment) return deployment.error();
  if (data.wanted()) return data.print(*deployment);
  if (monitor) return monitor_deployment(api, text_of(*deployment, "ID"), verbose);
  print_line(key_values({{"ID", shown_id(text_of(*deployment, "ID"), verbose)},
                         {"Job ID", text_of(*deployment, "JobID")},
                         {"Job Version", std::to_string(number_of(*deployment, "JobVersion"))},
                         {"Status", text_of(*deployment, "Status")},
                         {"Description", text_of(*deployment, "StatusDescription")}}));
  print_section("Deployed");
  print_line(deployed_table(*deployment));
  return 0;
}

}  // namespace

Command deployment_status_command() {
  return {"deployment status", "Shows a deployment, or follows it to its end", run};
}

}  // namespace orch::cli

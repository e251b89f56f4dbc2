// orch agent-info: figures of the agent that is asked.
#include <boost/json.hpp>
#include <map>

#include "cli/api_client.h"
#include "cli/command.h"
#include "cli/format/color.h"
#include "cli/format/data_output.h"
#include "cli/format/shown.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{"Shows figures of the agent that is asked.", "orch agent-info"};
  GeneralOptions general;
  DataOutput data;
  data.add_to(app);
  general.add_to(app);
  app.add_example("orch agent-info");
  app.add_example("orch agent-info -t '{{.stats.nomad.leader}}'");
  if (auto over = app.parse(words)) return *over;
  ApiClient api(general);
  auto self = api.get("/v1/agent/self");
  if (!self) return complain("Error querying agent info: " + self.error().message);
  if (data.wanted()) return data.print(self->json);
  std::map<std::string, std::map<std::string, std::string>> sections;
  if (const auto* stats = member_of(self->json, "stats").if_object()) {
    for (const auto& [section, figures] : *stats) {
      auto& list = sections[section];
      if (const auto* o = figures.if_object()) {
        for (const auto& [key, figure] : *o) {
          list[key] = figure.is_string() ? std::string(figure.get_string()) : boost::json::serialize(figure);
        }
      }
    }
  }
  for (const auto& [section, figures] : sections) {
    print_line(section);
    for (const auto& [key, figure] : figures) print_line("  " + key + " = " + figure);
  }
  return 0;
}

}  // namespace

Command agent_info_command() { return {"agent-info", "Shows what an agent knows of itself", run}; }

}  // namespace orch::cli

// orch node drain: not there yet; says so and what to do instead.
#include "cli/command.h"
#include "cli/format/shown.h"

namespace orch::cli {
namespace {

int run(const Words& words) {
  CommandLine app{
      "Moves the allocations of a node elsewhere: not supported yet. To keep new ones away: orch node eligibility "
      "-disable NODE",
      "orch node drain"};
  app.allow_others();
  app.add_example("orch node eligibility -disable 52518a59");
  if (auto over = app.parse(words)) return *over;
  return complain("node drain is not supported yet. To keep new allocations away from a node: orch node eligibility "
                  "-disable NODE");
}

}  // namespace

Command node_drain_command() { return {"node drain", "Drains a node (not supported yet)", run}; }

}  // namespace orch::cli

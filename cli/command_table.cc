#include "cli/command.h"
#include "cli/commands/commands.h"

namespace orch::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"agent", "Runs a server, a node client, or both", run_agent},
      {"replay", "Folds a log again and says what comes out", run_replay},
      {"version", "Prints the version", run_version},
  };
  return all;
}

}  // namespace orch::cli

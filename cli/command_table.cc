#include "cli/command.h"
#include "cli/commands/commands.h"

namespace orch::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> all = {
      {"version", "Prints the version", run_version},
  };
  return all;
}

}  // namespace orch::cli

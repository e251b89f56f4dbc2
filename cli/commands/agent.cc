// orch agent: a server, a node client, or both (cli/agent).
#include "cli/agent/agent.h"

#include "cli/commands/commands.h"

namespace orch::cli {

int run_agent(const Words& words) { return orch::run_agent(with_two_dashes(words)); }

}  // namespace orch::cli

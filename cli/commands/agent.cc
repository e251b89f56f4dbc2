// orch agent: a server, a node client, or both (cli/agent).
#include "cli/agent/agent.h"

#include "cli/command.h"

namespace orch::cli {

Command agent_command() { return {"agent", "Runs a server, a node client, or both", orch::run_agent}; }

}  // namespace orch::cli

// What a reload (SIGHUP) may change, and what needs a new start.
#pragma once

#include <string>
#include <vector>

#include "cli/agent/agent_options.h"

namespace orch {

struct ReloadPlan {
  bool log_level = false, node = false;    ///< node: metadata or class
  std::vector<std::string> needs_restart;  ///< names of the settings, as files say them
};

ReloadPlan compare_options(const AgentOptions& now, const AgentOptions& fresh);

}  // namespace orch

// What the agent was told, in the shape of /v1/agent/self. Secrets (credentials of registries are files, never values)
// have no place in it.
#pragma once

#include <string>

#include "cli/agent/agent_options.h"

namespace orch::config {

/// `advertise` and `port`: under which the agent is really reached. Blocks of Nomad's that orch doesn't have are shown
/// with the values that say so, since programs expect the fields.
std::string config_to_json(const AgentOptions& options, const std::string& advertise, std::uint16_t port);

}  // namespace orch::config

// The keys of an agent's configuration, block by block. Each function asks its block for every key that Nomad knows
// there.
#pragma once

#include "cli/agent/agent_options.h"
#include "cli/agent/config/block_reader.h"

namespace orch::config {

void read_agent(Block& top, AgentOptions& options);                              // keys.cc
void read_server(Block& block, AgentOptions& options);                           // server_keys.cc
void read_client(Block& block, AgentOptions& options);                           // client_keys.cc
void read_plugin(const std::string& name, Block& block, AgentOptions& options);  // driver_keys.cc
/// One of `client { options { … } }`, by which Nomad 0.8 configured its drivers.
void read_option(const std::string& key, const std::string& value, Block& options, AgentOptions& o);

}  // namespace orch::config

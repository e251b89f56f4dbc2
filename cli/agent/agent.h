// One agent: the log, the views, the server's loop, the HTTP interface and, where asked for, the node client.
//
// Parts start in the order in which they need each other and stop in the opposite order. An agent that is killed leaves
// nothing that the next one on the same data folder does not take up: the log is durable, views and snapshots are rebuilt
// or trusted, running tasks are found again.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "cli/agent/agent_options.h"

namespace orch {

class Agent {
 public:
  explicit Agent(AgentOptions options);
  ~Agent();

  /// Everything up, or why not, for the operator.
  std::expected<void, std::string> start();
  void stop();

  std::uint16_t port() const;
  std::string node_id() const;
  std::string data_dir() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// `orch agent …`: runs until SIGINT or SIGTERM; the exit code.
int run_agent(const std::vector<std::string>& words);

}  // namespace orch

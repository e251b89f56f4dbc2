// One agent: the log, the views, the server's loop, the HTTP interface and the node client, as many of them as were
// asked for.
//
// The port is bound first, so that one that is taken is told before anything else is touched; until the rest stands
// requests are answered 503. Parts stop in an order in which each can still finish with those it needs: the node
// client, streams and waiting readers, requests under way, the loop. An agent that is killed leaves nothing that the
// next one on the same data folder does not take up: the log is durable, views and snapshots are rebuilt or trusted,
// running tasks are found again.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "cli/agent/agent_options.h"

namespace orch {

class Agent {
 public:
  explicit Agent(AgentOptions options);
  ~Agent();

  /// Everything up, or why not, for the operator.
  std::expected<void, std::string> start();
  /// Answers what is under way, within bounds. Idempotent.
  void stop();

  /// Takes from `fresh` what can be changed while the agent runs, and answers what has happened in sentences for the
  /// log.
  std::vector<std::string> reload(const AgentOptions& fresh);

  /// What the terminal shows once the agent is up: who it is, what is listening where, how to reach it.
  std::string first_screen() const;
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

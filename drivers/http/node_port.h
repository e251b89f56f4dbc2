// What the HTTP interface asks of the node client in the same agent, and all that it knows of it.
//
// The agent's composition puts the node client behind it (cli/agent/own_node.h), so that drivers/http and drivers/node
// do not see each other. Called on I/O threads: nothing here may block. Implementations outlive the HTTP server.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "drivers/net/http_server.h"

namespace orch::http {

/// A question under /v1/client, as the router has taken it apart.
struct NodeRequest {
  std::string method;                         ///< GET, PUT, POST
  std::vector<std::string> segments;          ///< what follows "client", decoded: {"fs", "ls", id}
  std::map<std::string, std::string> params;  ///< decoded
  std::string body;
};

class NodePort {
 public:
  virtual ~NodePort() = default;

  /// Whether a request below /v1/client (its whole path, decoded) is for this node to answer: about the node itself, or
  /// an allocation that is here. Another one is for the servers to pass on.
  virtual bool is_about_this_node(const std::vector<std::string>& path,
                                  const std::map<std::string, std::string>& params) const = 0;

  /// Answers every path below /v1/client, unknown ones with 404: once, from any thread.
  virtual void answer(NodeRequest request, net::Responder responder) = 0;

  /// Name → value of how the node does, for /v1/agent/self.
  virtual std::map<std::string, std::string> facts() const = 0;
};

}  // namespace orch::http

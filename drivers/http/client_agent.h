// The HTTP interface of an agent that is a node client only: it answers /v1/client/… and /v1/agent/… itself and passes
// every other request under /v1 on to its servers.
#pragma once

#include <vector>

#include "drivers/http/api.h"
#include "drivers/http/forwarder.h"
#include "drivers/http/node_port.h"
#include "drivers/net/http_server.h"

namespace orch::http {

class ClientAgent {
 public:
  /// All must outlive this.
  ClientAgent(const AgentFacts& facts, NodePort& node, Forwarder& forwarder, std::vector<net::Endpoint> servers);

  /// Called on an I/O thread; does not block.
  void handle(const net::ServerRequest& raw, net::Responder responder);

 private:
  bool answer_itself(Request& request, net::Responder& responder);

  const AgentFacts& facts_;
  NodePort& node_;
  Forwarder& forwarder_;
  const std::vector<net::Endpoint> servers_;
};

}  // namespace orch::http

// The HTTP interface of an agent that is a node client only: it answers /v1/client/… and /v1/agent/… itself and passes
// every other request under /v1 on to its servers.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "drivers/http/api.h"
#include "drivers/http/forwarder.h"
#include "drivers/net/http_server.h"

namespace orch::http {

class ClientAgent {
 public:
  /// All must outlive this. `facts` of the node client, for /v1/agent/self.
  ClientAgent(const AgentFacts& facts, client::ClientApi& client, Forwarder& forwarder,
              std::vector<net::Endpoint> servers, std::function<std::map<std::string, std::string>()> client_facts);

  /// Called on an I/O thread; does not block.
  void handle(const net::ServerRequest& raw, net::Responder responder);

 private:
  bool answer_itself(Request& request, net::Responder& responder);

  const AgentFacts& facts_;
  client::ClientApi& client_;
  Forwarder& forwarder_;
  const std::vector<net::Endpoint> servers_;
  const std::function<std::map<std::string, std::string>()> client_facts_;
};

}  // namespace orch::http

// /v1/client/…: handed to the node client of this agent.
#include "cli/agent/client/client_api.h"
#include "cli/agent/http/api.h"
#include "cli/agent/http/reply.h"

namespace orch::http {

void add_client_routes(Router& router, Context& context) {
  router.add("GET PUT", "/v1/client/*path", [&context](Request request, std::vector<std::string>, net::Responder responder) {
    if (context.client == nullptr) {
      return send_error(responder, 501, "this agent runs no node client; ask the agent of the node");
    }
    client::ClientRequest call{.method = request.method, .params = request.params, .body = std::move(request.body)};
    call.segments.assign(request.segments.begin() + 2, request.segments.end());
    context.client->handle(std::move(call), std::move(responder));
  });
}

}  // namespace orch::http

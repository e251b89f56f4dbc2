// /v1/allocations and /v1/allocation/:id.
#include "cli/agent/http/reads.h"

namespace orch::http {

void add_allocation_routes(Router& router, Context& context) {
  const std::vector<WatchKey> keys{{WatchKind::allocations}};
  router.add("GET", "/v1/allocations", [&context, keys](Request request, std::vector<std::string>, net::Responder responder) {
    const std::string prefix = request.param("prefix");
    if (std::string problem = prefix_problem("alloc", prefix); !problem.empty()) return send_error(responder, 500, problem);
    Read read = [prefix](const Queries& queries) { return queries.allocations(prefix); };
    answer_read(context.server, std::move(request), std::move(responder), keys, std::move(read), "");
  });
  router.add("GET", "/v1/allocation/:id", [&context, keys](Request request, std::vector<std::string> captures, net::Responder responder) {
    const std::string id = captures[0];
    if (std::string problem = uuid_problem("alloc", id); !problem.empty()) return send_error(responder, 500, problem);
    Read read = [id](const Queries& queries) { return queries.allocation(id); };
    answer_read(context.server, std::move(request), std::move(responder), keys, std::move(read), "alloc not found");
  });
  router.add("PUT", "/v1/allocation/:id/stop", [](Request, std::vector<std::string>, net::Responder responder) {
    send_error(responder, 501, "alloc stop is not supported yet");
  });
}

}  // namespace orch::http

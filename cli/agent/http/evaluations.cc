// /v1/evaluations and /v1/evaluation/:id.
#include "cli/agent/http/reads.h"

namespace orch::http {

void add_evaluation_routes(Router& router, Context& context) {
  const std::vector<WatchKey> keys{{WatchKind::evaluations}};
  add_read(router, context, "/v1/evaluations", keys, "", [](const Queries& q, const std::string&, const Request& r) {
    return q.evaluations(r.param("prefix"));
  });
  add_read(router, context, "/v1/evaluation/:id/allocations", {{WatchKind::allocations}}, "",
           [](const Queries& q, const std::string& id, const Request&) { return q.evaluation_allocations(id); });
  add_read(router, context, "/v1/evaluation/:id", keys, "eval not found",
           [](const Queries& q, const std::string& id, const Request&) { return q.evaluation(id); });
}

}  // namespace orch::http

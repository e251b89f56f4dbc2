// /v1/evaluations and /v1/evaluation/:id.
#include "drivers/http/reads.h"
#include "projections/ids.h"

namespace orch::http {

void add_evaluation_routes(Router& router, Context& context) {
  add_read(router, context, {"/v1/evaluations", Noun::evaluations, "", refuse_prefix<"eval">},
           always(WatchKind::evaluations),
           [](const Queries& q, const std::string&, const Request& r) { return q.evaluations(r.param("prefix")); });
  add_read(router, context, {"/v1/evaluation/:id/allocations", Noun::allocations, "", refuse_id<"eval">},
           always(WatchKind::allocations),
           [](const Queries& q, const std::string& id, const Request&) { return q.evaluation_allocations(id); });
  add_read(router, context, {"/v1/evaluation/:id", Noun::evaluations, "eval not found", refuse_id<"eval">},
           [&context](const Queries&, const std::string& id) {
             const EvaluationNumber n = evaluation_number(context.server.log().id(), id);
             return n ? WatchKey{WatchKind::evaluation, n.value} : WatchKey{WatchKind::evaluations};
           },
           [](const Queries& q, const std::string& id, const Request&) { return q.evaluation(id); });
}

}  // namespace orch::http

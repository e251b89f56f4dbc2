// /v1/allocations and /v1/allocation/:id.
#include "drivers/http/reads.h"
#include "projections/ids.h"

namespace orch::http {

void add_allocation_routes(Router& router, Context& context) {
  add_read(router, context, {"/v1/allocations", Noun::allocations, "", refuse_prefix<"alloc">},
           always(WatchKind::allocations),
           [](const Queries& q, const std::string&, const Request& r) { return q.allocations(r.param("prefix")); });
  add_read(router, context, {"/v1/allocation/:id", Noun::allocations, "alloc not found", refuse_id<"alloc">},
           [&context](const Queries&, const std::string& id) {
             const AllocationNumber n = allocation_number(context.server.log().id(), id);
             return n ? WatchKey{WatchKind::allocation, n.value} : WatchKey{WatchKind::allocations};
           },
           [](const Queries& q, const std::string& id, const Request&) { return q.allocation(id); });
  router.add("PUT", "/v1/allocation/:id/stop", [](Request, std::vector<std::string>, net::Responder responder) {
    send_error(responder, 501, "alloc stop is not supported yet");
  });
}

}  // namespace orch::http

// /v1/services and /v1/service/:name: orch's own catalogue.
#include "drivers/http/reads.h"

namespace orch::http {

void add_service_routes(Router& router, Context& context) {
  auto watched = [](const Queries&, const std::string&) {  // a node that goes down takes its services along
    return std::vector<WatchKey>{{WatchKind::services}, {WatchKind::nodes}};
  };
  add_read(router, context, {"/v1/services", Noun::services, ""}, watched,
           [](const Queries& q, const std::string&, const Request&) { return q.services(); });
  add_read(router, context, {"/v1/service/:name", Noun::services, ""}, watched,
           [](const Queries& q, const std::string& name, const Request&) { return q.service(name); });
}

}  // namespace orch::http

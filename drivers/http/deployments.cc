// /v1/deployments and /v1/deployment/…: read, fail, pause, the health of allocations.
#include "drivers/http/body.h"
#include "drivers/http/reads.h"
#include "core/model/json_writer.h"
#include "projections/ids.h"

namespace orch::http {
namespace {

void answer_update(Context& context, Request request, net::Responder responder, GroupBuilder& group) {
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes), [&context](const Answered& answered) {
    std::string out;
    JsonWriter json(out);
    json.object()
        .member("DeploymentModifyIndex", answered.index)
        .member("EvalCreateIndex", answered.outcome.evaluation ? answered.index : 0)
        .member("EvalID", evaluation_id(context, answered.outcome.evaluation))
        .member("Index", answered.index)
        .null_member("RevertedJobVersion")
        .end();
    return out;
  });
}

void set_status(Context& context, Request request, net::Responder responder, const std::string& id,
                DeploymentAction action) {
  const DeploymentNumber n = deployment_number(context.server.log().id(), id);
  if (!n) return send_error(responder, 500, "deployment not found");
  GroupBuilder group;
  group.add(wire::CreateSetDeploymentStatus(group.flat(), n.value, static_cast<std::uint8_t>(action)));
  answer_update(context, std::move(request), std::move(responder), group);
}

// The id stands in the body too; one that differs is a slip that must not hit another deployment.
std::string other_id(Body& body, const std::string& id) {
  const std::string named = body.text("DeploymentID");
  return named.empty() || named == id ? std::string() : "Deployment ID does not match the path";
}

void pause(Context& context, Request request, net::Responder responder, const std::string& id) {
  auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const std::optional<bool> wanted = body->flag("Pause");
  const std::string other = other_id(*body, id);
  if (!body->problem().empty()) return send_error(responder, 400, body->problem());
  if (!other.empty()) return send_error(responder, 400, other);
  if (!wanted) return send_error(responder, 400, "Pause: expected true or false");
  set_status(context, std::move(request), std::move(responder), id,
             *wanted ? DeploymentAction::pause : DeploymentAction::resume);
}

void set_health(Context& context, Request request, net::Responder responder, const std::string& id) {
  auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const std::vector<std::string> healthy = body->texts("HealthyAllocationIDs"),
                                 unhealthy = body->texts("UnhealthyAllocationIDs");
  const std::string other = other_id(*body, id);
  if (!body->problem().empty()) return send_error(responder, 400, body->problem());
  if (!other.empty()) return send_error(responder, 400, other);
  if (healthy.empty() && unhealthy.empty()) {
    return send_error(responder, 500, "must specify at least one healthy/unhealthy allocation ID");
  }
  const std::string_view cluster = context.server.log().id();
  const DeploymentNumber n = deployment_number(cluster, id);
  if (!n) return send_error(responder, 500, "deployment not found");
  std::vector<std::uint32_t> well, ill;
  for (const auto& [ids, numbers] : {std::pair{&healthy, &well}, std::pair{&unhealthy, &ill}}) {
    for (const std::string& text : *ids) {
      const AllocationNumber a = allocation_number(cluster, text);
      if (!a) return send_error(responder, 500, "unknown alloc \"" + text + "\"");
      numbers->push_back(a.value);
    }
  }
  GroupBuilder group;
  const auto well_column = group.flat().CreateVector(well), ill_column = group.flat().CreateVector(ill);
  group.add(wire::CreateSetAllocationHealth(group.flat(), n.value, well_column, ill_column));
  answer_update(context, std::move(request), std::move(responder), group);
}

}  // namespace

void add_deployment_routes(Router& router, Context& context) {
  using Captures = std::vector<std::string>;
  add_read(router, context, {"/v1/deployments", Noun::deployments, "", refuse_prefix<"deployment">},
           always(WatchKind::deployments),
           [](const Queries& q, const std::string&, const Request& r) { return q.deployments(r.param("prefix")); });
  add_read(router, context, {"/v1/deployment/allocations/:id", Noun::allocations, "", refuse_id<"deployment">},
           always(WatchKind::allocations),
           [](const Queries& q, const std::string& id, const Request&) { return q.deployment_allocations(id); });
  router.add("PUT", "/v1/deployment/fail/:id",
             [&context](Request request, Captures captures, net::Responder responder) {
               set_status(context, std::move(request), std::move(responder), captures[0], DeploymentAction::fail);
             });
  router.add("PUT", "/v1/deployment/pause/:id",
             [&context](Request request, Captures captures, net::Responder responder) {
               pause(context, std::move(request), std::move(responder), captures[0]);
             });
  router.add("PUT", "/v1/deployment/allocation-health/:id",
             [&context](Request request, Captures captures, net::Responder responder) {
               set_health(context, std::move(request), std::move(responder), captures[0]);
             });
  router.add("PUT", "/v1/deployment/promote/:id", [](Request, Captures, net::Responder responder) {
    send_error(responder, 501, "deployment promote is not supported yet");
  });
  add_read(router, context, {"/v1/deployment/:id", Noun::deployments, "deployment not found", refuse_id<"deployment">},
           [&context](const Queries&, const std::string& id) {
             const DeploymentNumber n = deployment_number(context.server.log().id(), id);
             return n ? WatchKey{WatchKind::deployment, n.value} : WatchKey{WatchKind::deployments};
           },
           [](const Queries& q, const std::string& id, const Request&) { return q.deployment(id); });
}

}  // namespace orch::http

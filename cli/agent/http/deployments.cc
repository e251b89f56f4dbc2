// /v1/deployments and /v1/deployment/…: read, fail, pause.
#include <boost/json.hpp>

#include "cli/agent/http/reads.h"
#include "projections/ids.h"

namespace orch::http {
namespace {

void set_status(Context& context, Request request, net::Responder responder, const std::string& id,
                DeploymentAction action) {
  const DeploymentNumber n = deployment_number(context.server.log().id(), id);
  if (!n) return send_error(responder, 500, "deployment not found");
  GroupBuilder group;
  group.add(wire::CreateSetDeploymentStatus(group.flat(), n.value, static_cast<std::uint8_t>(action)));
  std::string bytes = group.finish(header_of(request));
  submit(context, std::move(request), std::move(responder), std::move(bytes), [&context](const Answered& answered) {
    const std::string index = std::to_string(answered.index);
    const std::string evaluation = evaluation_id(context, answered.outcome.evaluation);
    return "{\"DeploymentModifyIndex\":" + index + ",\"EvalCreateIndex\":" + (evaluation.empty() ? "0" : index) +
           ",\"EvalID\":\"" + evaluation + "\",\"Index\":" + index + ",\"RevertedJobVersion\":null}";
  });
}

}  // namespace

void add_deployment_routes(Router& router, Context& context) {
  const std::vector<WatchKey> keys{{WatchKind::deployments}};
  add_read(router, context, "/v1/deployments", keys, "", [](const Queries& q, const std::string&, const Request& r) {
    return q.deployments(r.param("prefix"));
  });
  add_read(router, context, "/v1/deployment/allocations/:id", {{WatchKind::allocations}}, "",
           [](const Queries& q, const std::string& id, const Request&) { return q.deployment_allocations(id); });
  router.add("PUT", "/v1/deployment/fail/:id",
             [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
               set_status(context, std::move(request), std::move(responder), captures[0], DeploymentAction::fail);
             });
  router.add("PUT", "/v1/deployment/pause/:id",
             [&context](Request request, std::vector<std::string> captures, net::Responder responder) {
               boost::json::error_code error;
               const boost::json::value body = boost::json::parse(request.body, error);
               const auto* object = error ? nullptr : body.if_object();
               const auto* pause = object != nullptr ? object->if_contains("Pause") : nullptr;
               if (pause == nullptr || !pause->is_bool()) {
                 return send_error(responder, 400, "Pause: expected true or false");
               }
               const auto action = pause->get_bool() ? DeploymentAction::pause : DeploymentAction::resume;
               set_status(context, std::move(request), std::move(responder), captures[0], action);
             });
  for (const char* later : {"promote", "allocation-health"}) {
    router.add("PUT", std::string("/v1/deployment/") + later + "/:id",
               [later](Request, std::vector<std::string>, net::Responder responder) {
                 send_error(responder, 501, std::string("deployment ") + later + " is not supported yet");
               });
  }
  add_read(router, context, "/v1/deployment/:id", keys, "deployment not found",
           [](const Queries& q, const std::string& id, const Request&) { return q.deployment(id); });
}

}  // namespace orch::http

#include "core/base/checksum.h"
#include "core/model/json_indent.h"
#include "core/model/json_writer.h"
#include "drivers/http/api.h"
#include "drivers/http/reply.h"
#include "projections/ids.h"

namespace orch::http {

namespace {

// Equal for a request and its repeat; 0 without a key, since nobody asks then.
std::uint64_t digest_of(const Request& request) {
  if (request.idempotency_key.empty()) return 0;
  std::string text = request.method + " " + request.path + "\n";
  for (const auto& [name, value] : request.params) {
    if (name != "pretty") text += name + "=" + value + "\n";
  }
  return mix(checksum(text.data(), text.size()), checksum(request.body.data(), request.body.size())) | 1;
}

}  // namespace

GroupHeader header_of(const Request& request) {
  return {.actor = request.token.empty() ? "anonymous" : "token",
          .address = request.address,
          .idempotency_key = request.idempotency_key,
          .request_id = request.method + " " + request.path.substr(0, 200),  // kept for ever: a name, not a novel
          .request_digest = digest_of(request)};
}

namespace {

Completion completion(Context& context, Request request, net::Responder responder, ReplyWriter reply) {
  const std::string unknown =
      "outcome unknown, " + (request.idempotency_key.empty()
                                 ? std::string("look before you retry: the request had no Idempotency-Key")
                                 : "retry with this key: " + request.idempotency_key);
  responder.give_up_after(context.answer_within, 504, unknown + " (the log has not answered in time)");
  auto shared = std::make_shared<net::Responder>(std::move(responder));
  return [shared, request = std::move(request), unknown,
          reply = std::move(reply)](const std::expected<Answered, LogError>& answered) {
    if (!answered) {
      const LogError& error = answered.error();
      if (error.kind == LogError::Kind::outcome_unknown)
        return send_error(*shared, 504, unknown + " (" + error.message + ")");
      return send_error(*shared, error.kind == LogError::Kind::too_large ? 413 : 503, error.message);
    }
    if (answered->outcome.key_taken) return send_error(*shared, 422, answered->outcome.refusal);
    if (!answered->outcome.refusal.empty()) return send_error(*shared, 500, answered->outcome.refusal);
    net::Headers headers{{"X-Nomad-Index", std::to_string(answered->index)}};
    std::string json = reply(*answered);
    if (request.pretty) json = indented_json(json);
    shared->send(200, "application/json", std::move(json), std::move(headers));
  };
}

}  // namespace

void submit(Context& context, Request request, net::Responder responder, std::string group, ReplyWriter reply) {
  context.server.submit(std::move(group),
                        completion(context, std::move(request), std::move(responder), std::move(reply)));
}

void submit_report(Context& context, Request request, net::Responder responder, std::string group, ReplyWriter reply) {
  const bool keyed = !request.idempotency_key.empty();
  Completion done = completion(context, std::move(request), std::move(responder), std::move(reply));
  if (keyed) return context.server.submit(std::move(group), std::move(done));
  context.server.submit_report(std::move(group), std::move(done));
}

std::string evaluation_id(const Context& context, EvaluationNumber n) {
  return n ? orch::evaluation_id(context.server.log().id(), n) : std::string();
}

std::string job_write_reply(const Context& context, const Answered& answered, const std::string& warnings) {
  std::string out;
  JsonWriter json(out);
  json.object()
      .member("EvalCreateIndex", answered.index)
      .member("EvalID", evaluation_id(context, answered.outcome.evaluation))
      .member("Index", answered.index)
      .member("JobModifyIndex", answered.outcome.job_modify_index)
      .member("KnownLeader", false)
      .member("LastContact", 0)
      .member("Warnings", warnings)
      .end();
  return out;
}

void add_all_routes(Router& router, Context& context) {
  router.serve_region(context.facts.region);
  add_job_routes(router, context);
  add_node_routes(router, context);
  add_allocation_routes(router, context);
  add_evaluation_routes(router, context);
  add_deployment_routes(router, context);
  add_service_routes(router, context);
  add_search_routes(router, context);
  add_event_routes(router, context);
  add_history_routes(router, context);
  add_agent_routes(router, context);
  add_client_routes(router, context);
}

}  // namespace orch::http

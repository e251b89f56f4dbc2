#include <optional>
#include <span>

#include "core/base/checksum.h"
#include "core/model/json_indent.h"
#include "core/model/json_writer.h"
#include "core/model/tables.h"
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

constexpr std::size_t items_max = 1'000'000;  // in a record; that of FlatBuffers' verifiers and of our readers

/// Why the record could not be read when it stood in the log, or nullopt.
std::optional<std::string> unreadable(const std::string& bytes) {
  if (!verify(bytes_of(bytes))) return "it would have more tables than are ever read";
  const wire::Group& group = group_in(bytes_of(bytes));
  const auto problem = [](const auto& read) { return read ? std::nullopt : std::optional(read.error()); };
  for (std::uint32_t i = 0; i < command_count(group); ++i) {
    const CommandIn command = command_in(group, i);
    std::optional<std::string> found;
    if (command.type == wire::Command::RegisterJob) {
      found = problem(read_job(*static_cast<const wire::RegisterJob*>(command.table)->job()));
    } else if (command.type == wire::Command::RegisterNode) {
      found = problem(read_node(*static_cast<const wire::RegisterNode*>(command.table)->node()));
    } else if (command.type == wire::Command::UpdateServices) {
      found = problem(read_services(*static_cast<const wire::UpdateServices*>(command.table)->services()));
    } else if (command.type == wire::Command::UpdateAllocations) {
      const auto* reports = static_cast<const wire::UpdateAllocations*>(command.table)->task_states();
      for (std::uint32_t n = 0; reports != nullptr && n < reports->size() && !found; ++n) {
        const std::string_view states = states_in(*reports->Get(n));
        if (!states.empty()) found = problem(decode_task_states(std::as_bytes(std::span(states))));
      }
    }
    if (found) return found;
  }
  return {};
}

/// Refuses, and answers true, when the body would become a record that nobody reads. A small one cannot hold so much:
/// each item takes two bytes of it at least.
bool refuse_unreadable(const Request& request, const std::string& group, net::Responder& responder) {
  if (request.body.size() < 2 * items_max) return false;
  const auto problem = unreadable(group);
  if (problem) send_error(responder, 413, "the body has too many parts for one record: " + *problem);
  return problem.has_value();
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
  if (refuse_unreadable(request, group, responder)) return;
  context.server.submit(std::move(group),
                        completion(context, std::move(request), std::move(responder), std::move(reply)));
}

void submit_report(Context& context, Request request, net::Responder responder, std::string group, ReplyWriter reply) {
  if (refuse_unreadable(request, group, responder)) return;
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

// /v1/orch/…: what Nomad has no counterpart of. The history of the cluster as lines, and the state's hash.
#include "projections/history.h"

#include "core/base/hex.h"
#include "core/model/json_writer.h"
#include "drivers/http/api.h"
#include "drivers/http/reply.h"

namespace orch::http {
namespace {

void history(Context& context, const Request& request, net::Responder& responder) {
  const Queries queries = context.server.queries();
  const std::string id = request.param("id");
  auto lines = history_lines(queries, context.server.log(), id, request.index);
  if (!lines) return send_error(responder, 500, lines.error().message);
  if (!*lines) return send_error(responder, 404, "no record of the log touches \"" + id + "\"");
  responder.send(200, "application/x-ndjson", std::move(**lines),
                 {{"X-Nomad-Index", std::to_string(queries.applied())}});
}

}  // namespace

void add_history_routes(Router& router, Context& context) {
  router.add("GET", "/v1/orch/history",
             [&context](Request request, std::vector<std::string>, net::Responder responder) {
               history(context, request, responder);
             });
  router.add("GET", "/v1/orch/state", [&context](Request request, std::vector<std::string>, net::Responder responder) {
    auto shared = std::make_shared<net::Responder>(std::move(responder));
    context.server.inspect([&context, request, shared](const State& state) {
      std::string answer;
      JsonWriter(answer)
          .object()
          .member("Hash", hex(state.hash()))
          .member("Index", state.index())
          .member("LogID", context.server.log().id())
          .member("Rules", state.rules())
          .end();
      send_json(*shared, request, std::move(answer), state.index());
    });
  });
}

}  // namespace orch::http

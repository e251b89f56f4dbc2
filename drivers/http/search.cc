// PUT /v1/search: ids by prefix, over one context or all.
#include "drivers/http/body.h"
#include "drivers/http/reads.h"
#include "core/model/json_text.h"

namespace orch::http {
namespace {

struct SearchContext {
  const char* name;
  Queries::Context context;
};
constexpr SearchContext contexts[] = {
    {"jobs", Queries::Context::jobs},
    {"nodes", Queries::Context::nodes},
    {"evals", Queries::Context::evaluations},
    {"deployment", Queries::Context::deployments},
    {"allocs", Queries::Context::allocations},
};

void search(Context& context, Request request, net::Responder responder) {
  auto body = Body::parse(request.body);
  if (!body) return send_error(responder, 400, body.error());
  const std::string prefix = body->text("Prefix");
  const std::string wanted = body->text("Context");
  if (!body->problem().empty()) return send_error(responder, 400, body->problem());
  const bool all = wanted.empty() || wanted == "all";
  std::string matches, truncations;
  bool known = all;
  const Queries queries = context.server.queries();
  for (const SearchContext& c : contexts) {
    if (!all && wanted != c.name) continue;
    known = true;
    const Queries::Matches found = queries.search(c.context, prefix);
    std::string list = found.ids.empty() ? "null" : "[";
    for (std::size_t i = 0; i < found.ids.size(); ++i) list += (i != 0 ? "," : "") + quoted(found.ids[i]);
    if (!found.ids.empty()) list += "]";
    const std::string comma = matches.empty() ? "" : ",";
    matches += comma + quoted(c.name) + ":" + list;
    truncations += comma + quoted(c.name) + ":" + (found.truncated ? "true" : "false");
  }
  if (!known) {
    return send_error(responder, 500,
                      "context must be one of [allocs jobs nodes evals deployment] or 'all' for all contexts; got \"" +
                          wanted + "\"");
  }
  send_json(responder, request,
            "{\"Index\":" + std::to_string(queries.applied()) +
                ",\"KnownLeader\":true,\"LastContact\":0,\"Matches\":{" + matches + "},\"Truncations\":{" +
                truncations + "}}",
            queries.applied());
}

}  // namespace

void add_search_routes(Router& router, Context& context) {
  router.add("PUT", "/v1/search", [&context](Request request, std::vector<std::string>, net::Responder responder) {
    search(context, std::move(request), std::move(responder));
  }, true);
}

}  // namespace orch::http

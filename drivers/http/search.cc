// PUT /v1/search: ids by prefix, over one context or all.
#include "drivers/http/body.h"
#include "drivers/http/reads.h"
#include "core/model/json_writer.h"

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
  JsonWriter found_ids(matches), cut(truncations);
  found_ids.object();
  cut.object();
  bool known = all;
  const Queries queries = context.server.queries();
  for (const SearchContext& c : contexts) {
    if (!all && wanted != c.name) continue;
    known = true;
    const Queries::Matches found = queries.search(c.context, prefix);
    found_ids.key_of(c.name);
    if (found.ids.empty()) {
      found_ids.null();
    } else {
      found_ids.array();
      for (const std::string& id : found.ids) found_ids.value(id);
      found_ids.end();
    }
    cut.key_of(c.name).value(found.truncated);
  }
  found_ids.end();
  cut.end();
  if (!known) {
    return send_error(responder, 500,
                      "context must be one of [allocs jobs nodes evals deployment] or 'all' for all contexts; got \"" +
                          wanted + "\"");
  }
  std::string out;
  JsonWriter json(out);
  json.object().member("Index", queries.applied()).member("KnownLeader", true).member("LastContact", 0);
  json.key("Matches").raw(matches).key("Truncations").raw(truncations).end();
  send_json(responder, request, std::move(out), queries.applied());
}

}  // namespace

void add_search_routes(Router& router, Context& context) {
  router.add("PUT", "/v1/search", [&context](Request request, std::vector<std::string>, net::Responder responder) {
    search(context, std::move(request), std::move(responder));
  }, true);
}

}  // namespace orch::http

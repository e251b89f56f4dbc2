// The shape that most GET routes share: a query on the views, watched under a key, 404 with a sentence when empty.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "drivers/http/api.h"
#include "drivers/http/reply.h"

namespace orch::http {

/// What a list or an object of one kind is watched by.
inline auto always(WatchKind kind) {
  return [key = WatchKey{kind}](const Queries&, const std::string&) { return key; };
}

/// One object's key, or the whole kind's as long as the id is nobody's.
WatchKey job_key(WatchKind kind, WatchKind otherwise, const Queries& queries, std::string_view id);

inline std::vector<WatchKey> keys_of(WatchKey key) { return {key}; }
inline std::vector<WatchKey> keys_of(std::vector<WatchKey> keys) { return keys; }

struct ReadRoute {
  std::string_view pattern;
  Noun noun;
  std::string not_found;
  /// Refuses an id before anything is looked up: the body of a 500, or empty. May be null.
  std::string (*refuse)(const std::string& id, const Request& request) = nullptr;
};

/// `watch(queries, id)` answers one WatchKey or several; `query(queries, id, request)` an Answer or an optional one.
/// The id is the first capture, or empty.
template <class Watch, class Query>
void add_read(Router& router, Context& context, ReadRoute route, Watch watch, Query query) {
  router.add("GET", route.pattern,
             [&context, route, watch, query](Request request, std::vector<std::string> captures,
                                             net::Responder responder) {
               const std::string id = captures.empty() ? std::string() : std::move(captures[0]);
               if (route.refuse != nullptr) {
                 if (std::string problem = route.refuse(id, request); !problem.empty())
                   return send_error(responder, 500, problem);
               }
               if (request.index == 0) {  // the usual case, without what waiting needs
                 const Queries queries = context.server.queries();
                 std::optional<Answer> answer = query(queries, id, request);
                 const LogIndex index = answer ? answer->index : queries.last_change(route.noun);
                 return send_read(responder, request, std::move(answer), index, route.not_found);
               }
               Read read{.query = [id, query](const Queries& queries, const Request& r) -> std::optional<Answer> {
                           return query(queries, id, r);
                         },
                         .watch = [id, watch](const Queries& queries) { return keys_of(watch(queries, id)); },
                         .not_found = route.not_found,
                         .noun = route.noun};
               answer_read(context.server, std::move(request), std::move(responder), std::move(read));
             });
}

/// Nomad refuses an id that is no whole UUID before it looks: the reason, or empty.
std::string uuid_problem(std::string_view what, std::string_view id);

/// A prefix of hexadecimal digits must have an even number of them: the reason, or empty.
std::string prefix_problem(std::string_view what, std::string_view prefix);

/// These two for a route: `refuse_id<"alloc">` …
template <std::size_t n>
struct What {
  char text[n];
  constexpr What(const char (&t)[n]) { std::copy_n(t, n, text); }
};
template <What what>
std::string refuse_id(const std::string& id, const Request&) {
  return uuid_problem(what.text, id);
}
template <What what>
std::string refuse_prefix(const std::string&, const Request& request) {
  return prefix_problem(what.text, request.param("prefix"));
}

}  // namespace orch::http

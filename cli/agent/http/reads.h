// The shape that most GET routes share: a query on the views, watched under some keys, 404 with a sentence when empty.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/agent/http/api.h"
#include "cli/agent/http/reply.h"

namespace orch::http {

/// `query(queries, first capture or "", request)` answers an Answer or an optional one.
template <class Query>
void add_read(Router& router, Context& context, std::string_view pattern, std::vector<WatchKey> keys,
              std::string not_found, Query query) {
  router.add("GET", pattern,
             [&context, keys = std::move(keys), not_found = std::move(not_found), query](
                 Request request, std::vector<std::string> captures, net::Responder responder) {
               const std::string id = captures.empty() ? std::string() : captures[0];
               Read read = [id, request, query](const Queries& queries) -> std::optional<Answer> {
                 return query(queries, id, request);
               };
               answer_read(context.server, request, std::move(responder), keys, std::move(read), not_found);
             });
}

/// Nomad refuses an id that is no whole UUID before it looks: the reason, or empty.
std::string uuid_problem(std::string_view what, std::string_view id);

/// A prefix of hexadecimal digits must have an even number of them: the reason, or empty.
std::string prefix_problem(std::string_view what, std::string_view prefix);

}  // namespace orch::http

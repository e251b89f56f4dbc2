// Answers: Nomad's headers around a JSON body, or a plain-text error.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/agent/http/request.h"
#include "cli/agent/server/server.h"

namespace orch::http {

/// A responder that can be kept by several callbacks, of which the first answers.
using SharedResponder = std::shared_ptr<net::Responder>;

inline constexpr std::string_view json_type = "application/json", compact_type = "application/x-flatbuffers";

void send_json(net::Responder& responder, const Request& request, std::string json, std::optional<LogIndex> index);
/// A body of another type, under the same headers.
void send_body(net::Responder& responder, std::string_view type, std::string body, LogIndex index);
void send_error(net::Responder& responder, int status, std::string message);

/// Indents compact JSON by four spaces, as `?pretty` does.
std::string indent(std::string_view json);

/// Answers a read: at once, or, when the request has an index that the answer is not above, once a key was touched and
/// the answer is newer, or the wait is over. `read` answers nothing for 404. `type` is that of the answer's text.
using Read = std::function<std::optional<Answer>(const Queries&)>;
void answer_read(Server& server, Request request, net::Responder responder, std::vector<WatchKey> keys, Read read,
                 std::string not_found, std::string_view type = json_type);

}  // namespace orch::http

// Answers: Nomad's headers around a JSON body, or a plain-text error.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "drivers/http/request.h"
#include "drivers/server/server.h"

namespace orch::http {

/// A responder that can be kept by several callbacks, of which the first answers.
using SharedResponder = std::shared_ptr<net::Responder>;

inline constexpr std::string_view json_type = "application/json", compact_type = "application/x-flatbuffers";

void send_json(net::Responder& responder, const Request& request, std::string json, std::optional<LogIndex> index);
void send_error(net::Responder& responder, int status, std::string message, net::Headers headers = {});

/// A read of the views and what it depends on.
struct Read {
  /// The answer, with the index of the last change of what was asked; nothing: there is no such object.
  std::function<std::optional<Answer>(const Queries&, const Request&)> query = {};
  /// What a blocking query waits for. Asked when it has to wait: an object may appear while somebody waits for it.
  std::function<std::vector<WatchKey>(const Queries&)> watch;
  /// The body of a 404, and of whose last change it tells the index.
  std::string not_found = {};
  Noun noun;
  std::string_view type = json_type;  ///< of the answer's text
};

/// The end of every read: the answer, or 404, with the index headers.
void send_read(net::Responder& responder, const Request& request, std::optional<Answer> answer, LogIndex index,
               const std::string& not_found, std::string_view type = json_type);

/// Answers a read: at once, or, when the request has an index that the answer is not above, once the answer is newer or
/// the wait is over. A touch of the watched key that leaves the answer's index as it was answers nobody.
void answer_read(Server& server, Request request, net::Responder responder, Read read);

}  // namespace orch::http

// One API request, decoded: path segments and query parameters without percent signs.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/log/log.h"
#include "drivers/net/http_server.h"

namespace orch::http {

struct Request {
  std::string method;
  std::string path;                          // decoded, for messages
  std::vector<std::string> segments;         // of the path: {"v1", "job", "example"}
  std::map<std::string, std::string> params;
  std::multimap<std::string, std::string> repeated;  // every value of every parameter
  std::string body;
  std::string address;
  std::string idempotency_key, token;
  std::string accept, content_type;

  bool is_write() const { return method == "PUT" || method == "POST"; }
  bool flag(const std::string& name) const;
  std::string param(const std::string& name) const;

  LogIndex index = 0;      // blocking query: answer once something is newer
  Duration wait;           // and at most this long
  bool pretty = false;
  int hops = 0;            // how often another agent has passed the request on (forwarder.h)

  /// Fills in everything; the error is the body of a 400. The path is text; parameters may be any bytes but NUL, since
  /// names of files may.
  static std::expected<Request, std::string> from(const net::ServerRequest& raw);
};

}  // namespace orch::http

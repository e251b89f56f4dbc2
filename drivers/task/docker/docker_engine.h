// The Docker Engine API, as much of it as the driver needs, over the engine's unix socket.
//
// Every call opens a connection of its own, so calls may block side by side; errors read "API error (404): no such
// image". Version 1.41 of the API (engine 20.10) and later.
#pragma once

#include <boost/json/value.hpp>
#include <expected>
#include <functional>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "drivers/net/http_client.h"

namespace orch {

struct EngineError {
  int status = 0;       ///< 0: the engine did not answer
  std::string message;
  bool timed_out = false;

  bool is_away() const { return status == 0; }
};

class DockerEngine {
 public:
  explicit DockerEngine(std::string socket_path) : socket_path_(std::move(socket_path)) {}

  using Answer = std::expected<boost::json::value, EngineError>;
  /// `path` without the version. An empty body is sent as none.
  Answer call(const std::string& method, const std::string& path, const std::string& body = {},
              Duration timeout = seconds(60)) const;

  /// Raw bytes as they come, until they end or `on_data` answers false; `client` can be cancelled from another thread.
  /// `silence` is the longest time between bytes.
  std::expected<void, EngineError> stream(net::HttpClient& client, const std::string& method, const std::string& path,
                                          const net::Headers& headers,
                                          const std::function<bool(std::string_view)>& on_data,
                                          Duration silence = hours(std::int64_t{24} * 365)) const;
  net::HttpClient connection() const;

 private:
  std::string socket_path_;
};

}  // namespace orch

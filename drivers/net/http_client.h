// A blocking HTTP/1.1 client over TCP or a unix socket: the CLI, the node client and the Docker driver speak through
// it.
//
// One HttpClient is one kept-alive connection, opened at the first request and again whenever the peer has closed it (a
// request that fails on a reused connection before any byte of the answer has come is tried once more on a new one).
// Not thread-safe, except `cancel`, which any thread may call to end the request under way with Kind::cancelled; when
// none is under way the next one ends so, which closes the gap between a caller's check and its request.
// Sockets are plain POSIX; Beast parses (message_parser.cc).
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/time.h"
#include "drivers/net/endpoint.h"

namespace orch::net {

struct NetError {
  enum class Kind { resolve, connect, timeout, cancelled, closed, protocol, too_large };
  Kind kind;
  std::string message;  ///< e.g. "connect to 127.0.0.1:4646: connection refused"
};

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  ///< path and query, already encoded
  Headers headers;           ///< Host, Content-Length and Connection are added
  std::string body;
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  std::string body;

  /// First header of that name, ignoring case; empty when absent.
  std::string_view header(std::string_view name) const;
};

class HttpClient {
 public:
  explicit HttpClient(Endpoint endpoint);
  ~HttpClient();
  HttpClient(HttpClient&&) noexcept;
  HttpClient& operator=(HttpClient&&) noexcept;

  /// Whole answer in memory (at most `max_body` bytes). `timeout` spans connect to last byte; the connection alone must
  /// stand after ten seconds, in every call.
  std::expected<HttpResponse, NetError> send(const HttpRequest& request, Duration timeout = seconds(30),
                                             std::size_t max_body = 256u << 20);

  /// Body handed over in pieces as they arrive, until it ends or `on_data` answers false. `idle_timeout` is the longest
  /// silence between bytes. The returned body is empty when status is 2xx; for other statuses it is collected whole.
  std::expected<HttpResponse, NetError> stream(const HttpRequest& request,
                                               const std::function<bool(std::string_view)>& on_data,
                                               Duration idle_timeout = seconds(60));

  /// For who passes an answer on: `on_head` gets status and headers as soon as they are there, and all of the body goes
  /// to `on_data`, whatever the status. False from either ends it. `patience` is how long the head may take; after that
  /// a silent answer is waited for (a peer that is gone is noticed by TCP's keep-alive).
  std::expected<HttpResponse, NetError> relay(const HttpRequest& request,
                                              const std::function<bool(const HttpResponse& head)>& on_head,
                                              const std::function<bool(std::string_view)>& on_data,
                                              Duration patience = seconds(60));

  void cancel();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orch::net

#include "drivers/net/http_client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "drivers/net/client_socket.h"
#include "drivers/net/message_parser.h"

namespace orch::net {

namespace {

using Clock = std::chrono::steady_clock;

Clock::time_point after(Duration duration) {
  // A wait of years is cut so that the sum can't overflow.
  return Clock::now() + std::chrono::nanoseconds(std::min(duration.ns, hours(std::int64_t{24} * 365).ns));
}

std::string seconds_text(Duration duration) {
  const std::int64_t ms = duration.ns / 1'000'000;
  if (ms % 1000 == 0) return std::to_string(ms / 1000) + "s";
  return std::to_string(ms) + "ms";
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (equal_ignoring_case(key, name)) return value;
  }
  return {};
}

struct HttpClient::Impl {
  static constexpr std::size_t max_header = 1u << 20;
  static constexpr Duration connect_limit =
      seconds(10);  // a host that swallows packets must not cost a long poll's wait

  Endpoint endpoint;
  ClientSocket socket;
  std::vector<char> input = std::vector<char>(64u << 10);
  std::size_t filled = 0;
  std::function<bool()> on_head;  ///< of the request under way, until it was called

  explicit Impl(Endpoint e) : endpoint(std::move(e)) {}

  std::string encode_head(const HttpRequest& request) const {
    std::string head;
    head.reserve(256);
    head += request.method;
    head += ' ';
    head += request.target.empty() ? "/" : request.target;
    head += " HTTP/1.1\r\n";
    bool has_host = false;
    for (const auto& [name, value] : request.headers) {
      has_host = has_host || equal_ignoring_case(name, "Host");
      head.append(name).append(": ").append(value).append("\r\n");
    }
    if (!has_host) {
      head += "Host: " + (endpoint.unix_path.empty() ? endpoint_name(endpoint) : std::string("localhost")) + "\r\n";
    }
    const bool sends_body = !request.body.empty() || request.method == "POST" || request.method == "PUT";
    if (sends_body) head += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    head += "\r\n";
    return head;
  }

  /// How long the exchange may wait: until one instant, or `idle` after the last byte.
  struct Patience {
    Clock::time_point until;
    Duration idle;  ///< 0: `until` is fixed
    void renew() {
      if (idle.ns > 0) until = after(idle);
    }
  };

  static HttpResponse head_of(const MessageParser& parser) {
    HttpResponse response;
    response.status = parser.status();
    response.headers.reserve(parser.field_count());
    for (std::size_t i = 0; i < parser.field_count(); ++i) {
      response.headers.emplace_back(parser.field_name(i), parser.field_value(i));
    }
    return response;
  }

  /// One request and its answer on the open connection. `any_byte`: something of the answer came.
  std::expected<void, NetError> exchange(const HttpRequest& request, const std::string& head, MessageParser& parser,
                                         Patience& patience, bool& any_byte) {
    any_byte = false;
    filled = 0;
    std::expected<void, NetError> written;
    if (request.body.size() <= 16384) {
      written = socket.write(head + request.body, patience.until);
    } else {
      written = socket.write(head, patience.until);
      if (written) written = socket.write(request.body, patience.until);
    }
    // A server that refuses a request may answer and close before it has read it all: its answer counts.
    if (!written && written.error().kind != NetError::Kind::closed) return written;

    while (true) {
      if (filled == input.size()) input.resize(input.size() * 2);
      auto got = socket.read(input.data() + filled, input.size() - filled, patience.until);
      if (!got) return std::unexpected(!written && !any_byte ? written.error() : got.error());
      if (*got == 0) {
        if (!any_byte && !parser.started()) {
          return std::unexpected(NetError{NetError::Kind::closed, "the peer closed the connection without an answer"});
        }
        if (parser.finish() == MessageParser::Result::done) return {};
        return std::unexpected(
            NetError{NetError::Kind::closed, "the peer closed the connection in the middle of its answer"});
      }
      any_byte = true;
      patience.renew();
      filled += *got;
      while (true) {
        std::size_t used = 0;
        const auto result = parser.feed({input.data(), filled}, used);
        std::copy(input.begin() + static_cast<long>(used), input.begin() + static_cast<long>(filled), input.begin());
        filled -= used;
        if (on_head && parser.header_done() && parser.status() >= 200) {
          if (!std::exchange(on_head, nullptr)()) {
            return std::unexpected(NetError{NetError::Kind::cancelled, "the answer isn't wanted any more"});
          }
          // A body may keep silent for as long as it likes: a log that is followed, a stream of events.
          patience = {after(hours(std::int64_t{24} * 365)), Duration{}};
        }
        if (result == MessageParser::Result::need_more) break;
        if (result == MessageParser::Result::done) {
          // "100 Continue" and the like announce an answer that is still to come.
          if (parser.status() >= 100 && parser.status() < 200 && parser.status() != 101) {
            parser.reset(request.method == "HEAD");
            if (filled > 0) continue;
            break;
          }
          return {};
        }
        if (result == MessageParser::Result::body_too_large) {
          return std::unexpected(NetError{NetError::Kind::too_large, "the answer is larger than is accepted"});
        }
        if (result == MessageParser::Result::header_too_large) {
          return std::unexpected(NetError{NetError::Kind::too_large, "the answer's header is larger than is accepted"});
        }
        return std::unexpected(
            NetError{NetError::Kind::protocol, "malformed HTTP answer: " + std::string(parser.error())});
      }
    }
  }

  std::expected<HttpResponse, NetError> run(const HttpRequest& request, MessageParser& parser, Patience patience,
                                            Duration limit) {
    const std::string head = encode_head(request);
    if (socket.is_open() && !socket.is_quiet()) socket.close();
    for (bool retried = false;; retried = true) {
      const bool reused = socket.is_open();
      if (!reused) {
        if (auto connected = socket.connect(endpoint, std::min(patience.until, after(connect_limit))); !connected) {
          return std::unexpected(connected.error());
        }
      }
      parser.reset(request.method == "HEAD");
      bool any_byte = false;
      auto done = exchange(request, head, parser, patience, any_byte);
      if (done) break;
      socket.close();
      NetError error = done.error();
      if (reused && !retried && !any_byte && error.kind == NetError::Kind::closed) continue;
      const std::string what = request.method + " " + endpoint_name(endpoint) + request.target + ": ";
      if (error.kind == NetError::Kind::timeout) error.message = "no answer within " + seconds_text(limit);
      error.message = what + error.message;
      return std::unexpected(std::move(error));
    }
    HttpResponse response = head_of(parser);
    response.body = std::move(parser.body());
    if (parser.aborted() || parser.needs_eof() || !parser.keep_alive() || filled > 0) socket.close();
    return response;
  }
};

HttpClient::HttpClient(Endpoint endpoint) : impl_(std::make_unique<Impl>(std::move(endpoint))) {}
HttpClient::~HttpClient() = default;
HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient& HttpClient::operator=(HttpClient&&) noexcept = default;

std::expected<HttpResponse, NetError> HttpClient::send(const HttpRequest& request, Duration timeout,
                                                       std::size_t max_body) {
  MessageParser parser(MessageParser::Direction::response, Impl::max_header, max_body);
  return impl_->run(request, parser, {after(timeout), Duration{}}, timeout);
}

std::expected<HttpResponse, NetError> HttpClient::stream(const HttpRequest& request,
                                                         const std::function<bool(std::string_view)>& on_data,
                                                         Duration idle_timeout) {
  constexpr std::size_t endless = static_cast<std::size_t>(-1) >> 1;
  constexpr std::size_t max_error_body = 1u << 20;
  MessageParser parser(MessageParser::Direction::response, Impl::max_header, endless);
  parser.set_sink([&](std::string_view bytes) {
    if (parser.status() >= 200 && parser.status() < 300) return on_data(bytes);
    parser.body().append(bytes);
    return parser.body().size() <= max_error_body;
  });
  return impl_->run(request, parser, {after(idle_timeout), idle_timeout}, idle_timeout);
}

std::expected<HttpResponse, NetError> HttpClient::relay(const HttpRequest& request,
                                                        const std::function<bool(const HttpResponse& head)>& on_head,
                                                        const std::function<bool(std::string_view)>& on_data,
                                                        Duration patience) {
  constexpr std::size_t endless = static_cast<std::size_t>(-1) >> 1;
  MessageParser parser(MessageParser::Direction::response, Impl::max_header, endless);
  // The first bytes of a body may come with the head, and the parser hands them over first.
  bool head_told = false;
  auto tell_head = [&] { return std::exchange(head_told, true) || on_head(Impl::head_of(parser)); };
  parser.set_sink([&](std::string_view bytes) { return tell_head() && on_data(bytes); });
  impl_->on_head = tell_head;
  auto response = impl_->run(request, parser, {after(patience), patience}, patience);
  impl_->on_head = nullptr;
  return response;
}

void HttpClient::cancel() { impl_->socket.interrupt(); }

}  // namespace orch::net

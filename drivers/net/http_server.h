// The HTTP/1.1 server: accepts connections, parses requests, and hands each to a handler that may answer at once or
// later.
//
// Threads: one that accepts, and `threads` I/O threads, an io_context each; a connection lives on one of them and its
// requests are handled one after another in order. The handler runs on that thread and must not block for long: when it
// does all the same, new connections go to the others, and who asked for `give_up_after` is answered. A Responder may
// be answered from any thread, exactly once; dropping it unanswered sends 500. Requests are bounded (`Limits`); a
// client that is slow, sends too much or is half-open is answered 408, 413, 431 or closed, and costs the others
// nothing. Only the .cc file includes Asio and Beast.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/time.h"
#include "drivers/net/http_client.h"

namespace orch::net {

/// Views into the connection's buffer, valid during the handler's call only.
struct ServerRequest {
  std::string_view method, target, body;
  std::string_view path;   ///< target up to '?', still percent-encoded
  std::string_view query;  ///< after '?', still percent-encoded
  std::string_view remote_address;

  std::string_view header(std::string_view name) const;
  const void* native = nullptr;  ///< the parsed message, for `header`
};

/// A body sent in chunks (event streams, logs that are followed). Any thread; `write` queues and answers false once the
/// client is gone or more than `max_queued` bytes wait for it, after which the stream is closed.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  virtual bool write(std::string bytes) = 0;
  virtual void close() = 0;
  virtual bool alive() const = 0;
  /// Bytes that wait for a slow client.
  virtual std::size_t queued() const = 0;
};

class Responder {
 public:
  struct State;
  explicit Responder(std::shared_ptr<State> state);
  Responder(Responder&&) noexcept;
  Responder& operator=(Responder&&) noexcept;
  ~Responder();

  /// Sends the whole answer. `content_type` empty: none is sent.
  void send(int status, std::string_view content_type, std::string body, Headers extra = {});

  /// Runs `task` on the connection's I/O thread: what an answer costs is not for the thread that knows that it is due.
  /// Dropped when the server has stopped.
  void post(std::move_only_function<void()> task);

  /// When nothing was sent within `wait`, answers `status` with `message`; what is sent later is dropped. Asked for in
  /// the handler's call. Kept to about a second; to four when the handler itself is held up, and then the connection
  /// ends.
  void give_up_after(Duration wait, int status, std::string message);

  /// Sends status and headers now, the body through the writer.
  std::shared_ptr<StreamWriter> stream(int status, std::string_view content_type, Headers extra = {});

 private:
  std::shared_ptr<State> state_;
};

class HttpServer {
 public:
  struct Limits {
    std::size_t max_body = 16u << 20;
    std::size_t max_header = 64u << 10;
    std::size_t max_connections = 16384;
    Duration header_timeout = seconds(10);  ///< from the first byte of a request to the end of its header
    Duration body_timeout = seconds(60);
    Duration idle_timeout = seconds(300);   ///< between requests
    std::size_t max_queued = 8u << 20;      ///< per stream
  };
  using Handler = std::function<void(const ServerRequest&, Responder)>;

  HttpServer(Handler handler, Limits limits, unsigned threads);
  ~HttpServer();  ///< stops

  /// Binds and starts to accept; port 0 picks one. Answers the bound port, or why not ("address already in use").
  std::expected<std::uint16_t, NetError> listen(const std::string& address, std::uint16_t port);

  /// Takes no more connections and requests, waits at most `grace` until those under way are answered and sent, then
  /// closes what is left and joins the threads. Idempotent.
  void stop(Duration grace = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace orch::net

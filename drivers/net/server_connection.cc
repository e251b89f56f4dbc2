#include "drivers/net/server_connection.h"

#include <sys/socket.h>

#include <atomic>
#include <cerrno>
#include <exception>

#include "core/base/assert.h"
#include "core/base/guard.h"

namespace orch::net {
namespace {

constexpr std::size_t most_read_ahead = 1u << 20;  // pipelined bytes kept while a request is being handled
std::atomic<std::uint64_t> last_request = 0;  // of this process: names a request in its answer and in the agent's log

constexpr std::size_t most_unsent = 1u << 20;      // answers kept for a client that does not read them
constexpr std::int64_t drain_ms = 2000;

}  // namespace

struct Responder::State {
  std::weak_ptr<ServerConnection> connection;
  std::shared_ptr<IoThread> io;
  std::size_t max_queued;
  bool chunked;
  std::uint64_t serial;
  std::uint64_t request;
  bool answered = false;

  /// Runs on the connection's thread, at once when this is it.
  template <class F>
  void with_connection(F action) {
    if (io->on_thread()) {
      if (auto alive = connection.lock()) alive->guarded_by_its_end(action);
      return;
    }
    io->post([weak = connection, action = std::move(action)]() mutable {
      if (auto alive = weak.lock()) alive->guarded_by_its_end(action);
    });
  }
};

Responder::Responder(std::shared_ptr<State> state) : state_(std::move(state)) {}
Responder::Responder(Responder&&) noexcept = default;

Responder& Responder::operator=(Responder&& other) noexcept {
  if (this != &other) {
    Responder dropped(std::move(state_));
    state_ = std::move(other.state_);
  }
  return *this;
}

Responder::~Responder() {
  if (!state_ || state_->answered) return;
  guarded("the answer to a request that was dropped", [this] {
    const std::string number = std::to_string(state_->request);
    send(500, "text/plain; charset=utf-8",
         std::uncaught_exceptions() > 0 ? "internal error; the agent's log says more of request " + number
                                        : "request " + number + " was dropped without an answer");
  });
}

void Responder::send(int status, std::string_view content_type, std::string body, Headers extra) {
  if (!state_ || state_->answered) return;
  state_->answered = true;
  state_->with_connection([serial = state_->serial, status, type = std::string(content_type), body = std::move(body),
                           extra = std::move(extra)](ServerConnection& connection) mutable {
    connection.answer(serial, status, type, std::move(body), extra);
  });
}

void Responder::give_up_after(Duration wait, int status, std::string message) {
  if (!state_ || state_->answered) return;
  state_->with_connection(
      [serial = state_->serial, wait, status, message = std::move(message)](ServerConnection& connection) mutable {
        connection.give_up_after(serial, wait, status, std::move(message));
      });
}

void Responder::post(std::move_only_function<void()> task) {
  state_->io->post([task = std::move(task), number = state_->request]() mutable {
    guarded("request " + std::to_string(number), task);
  });
}

std::shared_ptr<StreamWriter> Responder::stream(int status, std::string_view content_type, Headers extra) {
  auto stream = std::make_shared<ServerStream>(state_->io, state_->connection, state_->max_queued, state_->chunked);
  state_->answered = true;
  state_->with_connection([serial = state_->serial, status, type = std::string(content_type), extra = std::move(extra),
                           stream](ServerConnection& connection) {
    connection.begin_stream(serial, status, type, extra, stream);
  });
  return std::make_shared<ServerStreamWriter>(std::move(stream));
}

ServerConnection::ServerConnection(std::shared_ptr<IoThread> io, const HttpServer::Handler& handler,
                                   const HttpServer::Limits& limits, GiveUps& give_ups, std::string remote_address,
                                   std::function<void(ServerConnection*)> forget)
    : io_(std::move(io)),
      handler_(handler),
      limits_(limits),
      give_ups_(give_ups),
      remote_address_(std::move(remote_address)),
      forget_(std::move(forget)),
      parser_(MessageParser::Direction::request, limits.max_header, limits.max_body) {}

void ServerConnection::open(int fd) {
  touch();
  if (!watch_.open(*io_, fd)) return close();
  on_readable();
}

void ServerConnection::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  settle_last_word();
  if (stream_) stream_->lost();
  stream_.reset();
  watch_.close();
  auto self = shared_from_this();  // `forget` may drop the last other reference
  forget_(this);
}

void ServerConnection::enter(Phase phase) {
  phase_ = phase;
  touch();
}

void ServerConnection::arm_read() {
  if (read_armed_ || phase_ == Phase::closed) return;
  const bool takes = phase_ == Phase::draining || (phase_ == Phase::reading && !clogged());
  if (!takes && in_.size() - in_begin_ > most_read_ahead) return;
  read_armed_ = true;
  watch_.wait_readable(shared_from_this());
}

void ServerConnection::on_readable() {
  guarded_by_its_end([](ServerConnection& connection) { connection.read(); });
}

void ServerConnection::on_writable() {
  guarded_by_its_end([](ServerConnection& connection) { connection.write(); });
}

void ServerConnection::read() {
  read_armed_ = false;
  if (phase_ == Phase::closed) return;
  char buffer[65536];
  while (true) {
    const ssize_t n = recv(watch_.fd(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (n > 0) {
      if (phase_ != Phase::draining) in_.append(buffer, static_cast<std::size_t>(n));
      if (phase_ == Phase::reading) process();
      if (phase_ == Phase::closed) return;
      if (static_cast<std::size_t>(n) == sizeof buffer && in_.size() - in_begin_ <= most_read_ahead) continue;
      break;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    return close();  // the client has gone, or has nothing more to say: half-open clients wait for nobody
  }
  arm_read();
}

void ServerConnection::process() {
  if (processing_) return;
  processing_ = true;
  while (phase_ == Phase::reading && in_begin_ < in_.size() && !clogged()) {
    std::size_t used = 0;
    const bool began = parser_.started();
    const auto result = parser_.feed(std::string_view(in_).substr(in_begin_), used);
    in_begin_ += used;
    if (!began && parser_.started()) touch();
    if (!header_seen_ && parser_.header_done()) {
      header_seen_ = true;
      touch();
    }
    if (result == MessageParser::Result::done) {
      dispatch();
    } else if (result == MessageParser::Result::need_more) {
      if (parser_.header_done() && !continued_ && equal_ignoring_case(parser_.field("Expect"), "100-continue")) {
        continued_ = true;
        out_ += "HTTP/1.1 100 Continue\r\n\r\n";
        flush();
      }
      break;
    } else if (result == MessageParser::Result::body_too_large) {
      refuse(413, "the body is larger than " + std::to_string(limits_.max_body) + " bytes");
    } else if (result == MessageParser::Result::header_too_large) {
      refuse(431, "the header is larger than " + std::to_string(limits_.max_header) + " bytes");
    } else {
      refuse(400, "bad request: " + std::string(parser_.error()));
    }
  }
  if (in_begin_ == in_.size()) {
    in_.clear();
    in_begin_ = 0;
  } else if (in_begin_ > (64u << 10)) {
    in_.erase(0, in_begin_);
    in_begin_ = 0;
  }
  processing_ = false;
}

void ServerConnection::dispatch() {
  ORCH_ASSERT(phase_ == Phase::reading && io_->on_thread(), "a request is handed over when the one before is answered");
  ServerRequest request;
  request.method = parser_.method();
  request.target = parser_.target();
  request.body = parser_.body();
  const std::size_t question = request.target.find('?');
  request.path = request.target.substr(0, question);
  if (question != std::string_view::npos) request.query = request.target.substr(question + 1);
  request.remote_address = remote_address_;
  request.native = &parser_;
  shape_ = {
      .http_1_0 = parser_.version() < 11, .keep_alive = parser_.keep_alive(), .head_only = request.method == "HEAD"};
  if (shape_.head_only) request.method = "GET";
  enter(Phase::handling);
  ++serial_;
  const std::uint64_t number = ++last_request;
  Responder responder(
      std::make_shared<Responder::State>(weak_from_this(), io_, limits_.max_queued, !shape_.http_1_0, serial_, number));
  // What it throws has dropped the responder, which has answered 500 then.
  guarded("request " + std::to_string(number), [&] { handler_(request, std::move(responder)); });
}

void ServerConnection::refuse(int status, const std::string& message) {
  shape_ = {.keep_alive = false};
  keep_open_ =
      append_reply_head(out_, shape_, status, "text/plain; charset=utf-8", message.size(), {{"Connection", "close"}});
  out_ += message;
  keep_open_ = false;
  enter(Phase::handling);
  finish_answer();
}

void ServerConnection::give_up_after(std::uint64_t serial, Duration wait, int status, std::string message) {
  if (phase_ != Phase::handling || serial != serial_) return;
  settle_last_word();
  const ReplyShape last{.http_1_0 = shape_.http_1_0, .keep_alive = false};
  std::string bytes;
  append_reply_head(bytes, last, status, "text/plain; charset=utf-8", message.size(), {{"Connection", "close"}});
  if (!shape_.head_only) bytes += message;
  auto armed = std::make_shared<GiveUp>(watch_.fd(), io_->now_ms() + wait.ns / 1'000'000, std::move(bytes));
  // While an earlier answer is on its way nobody else may write: then it is this thread's word alone.
  if (out_begin_ == out_.size()) give_ups_.add(armed);
  last_word_ = LastWord{std::move(armed), status, std::move(message)};
}

// False when another thread has told the client.
bool ServerConnection::settle_last_word() {
  if (!last_word_) return true;
  const LastWord word = std::move(*last_word_);
  last_word_.reset();
  give_ups_.remove(word.armed);
  return word.armed->settle();
}

void ServerConnection::answer(std::uint64_t serial, int status, std::string_view content_type, std::string body,
                              const Headers& extra) {
  if (phase_ != Phase::handling || serial != serial_) return;
  if (!settle_last_word()) {
    keep_open_ = false;
    return finish_answer();
  }
  const bool with_body = status_has_body(status);
  keep_open_ = append_reply_head(out_, shape_, status, content_type,
                                 with_body ? std::optional(body.size()) : std::nullopt, extra);
  if (with_body && !shape_.head_only) {
    if (out_.capacity() == 0) out_.reserve(512 + body.size());
    out_ += body;
  }
  finish_answer();
}

// All of the answer is in `out_`: on to the next request, or to the end.
void ServerConnection::finish_answer() {
  stream_.reset();
  const bool sent = flush();
  if (phase_ == Phase::closed) return;
  if (!keep_open_ || finishing_) {
    // What the client still sends is read and dropped for a moment: a reset would take the answer from it.
    enter(Phase::draining);
    if (sent) ::shutdown(watch_.fd(), SHUT_WR);
    arm_read();
    return;
  }
  parser_.reset();
  header_seen_ = continued_ = false;
  enter(Phase::reading);
  if (in_begin_ < in_.size()) process();
  if (phase_ != Phase::closed) arm_read();
}

void ServerConnection::begin_stream(std::uint64_t serial, int status, std::string_view content_type,
                                    const Headers& extra, std::shared_ptr<ServerStream> stream) {
  if (phase_ != Phase::handling || serial != serial_) return stream->lost();
  if (!settle_last_word()) {
    stream->lost();
    keep_open_ = false;
    return finish_answer();
  }
  keep_open_ = append_reply_head(out_, shape_, status, content_type, std::nullopt, extra);
  if (shape_.head_only) {
    stream->lost();
    return finish_answer();
  }
  stream_ = std::move(stream);
  enter(Phase::streaming);
  arm_read();
  if (flush()) stream_ready();
}

void ServerConnection::stream_ready() {
  if (phase_ != Phase::streaming || !stream_) return;
  if (out_begin_ < out_.size()) return;  // taken once the socket has room: until then it counts as queued
  const auto next = stream_->take(out_);
  if (next == ServerStream::Next::abort) return close();
  if (next == ServerStream::Next::finish) {
    if (shape_.http_1_0) keep_open_ = false;
    return finish_answer();
  }
  flush();
}

bool ServerConnection::finish() {
  finishing_ = true;
  shape_.keep_alive = false;  // so an answer that is still to come says that it is the last
  return phase_ == Phase::handling || phase_ == Phase::streaming ||
         (phase_ != Phase::closed && out_begin_ < out_.size());
}

bool ServerConnection::clogged() const { return out_.size() - out_begin_ > most_unsent; }

// True when everything is on its way.
bool ServerConnection::flush() {
  while (out_begin_ < out_.size()) {
    const ssize_t n =
        send(watch_.fd(), out_.data() + out_begin_, out_.size() - out_begin_, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0) {
      out_begin_ += static_cast<std::size_t>(n);
      touch();
      if (stream_) stream_->sent(static_cast<std::size_t>(n));
      continue;
    }
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      if (!write_armed_) {
        write_armed_ = true;
        watch_.wait_writable(shared_from_this());
      }
      return false;
    }
    close();
    return false;
  }
  if (out_.capacity() > (256u << 10)) {
    out_ = {};
  } else {
    out_.clear();
  }
  out_begin_ = 0;
  return true;
}

void ServerConnection::write() {
  write_armed_ = false;
  if (phase_ == Phase::closed || !flush()) return;
  if (phase_ == Phase::streaming) return stream_ready();
  if (phase_ == Phase::draining) ::shutdown(watch_.fd(), SHUT_WR);
  if (phase_ != Phase::reading) return;
  process();
  arm_read();
}

void ServerConnection::tick() {
  guarded_by_its_end([](ServerConnection& connection) { connection.look_at_time(); });
}

void ServerConnection::look_at_time() {
  const std::int64_t quiet = io_->now_ms() - since_ms_;
  const bool unsent = out_begin_ < out_.size();
  switch (phase_) {
    case Phase::reading:
      if (unsent) {
        if (quiet > limits_.body_timeout.ns / 1'000'000) close();
      } else if (!parser_.started()) {
        if (quiet > limits_.idle_timeout.ns / 1'000'000) close();
      } else if (!parser_.header_done()) {
        if (quiet > limits_.header_timeout.ns / 1'000'000) refuse(408, "the header did not arrive in time");
      } else if (quiet > limits_.body_timeout.ns / 1'000'000) {
        refuse(408, "the body did not arrive in time");
      }
      break;
    case Phase::handling:
      if (last_word_ && io_->now_ms() >= last_word_->armed->due_ms()) {
        const int status = last_word_->status;
        const std::string message = last_word_->message;
        answer(serial_, status, "text/plain; charset=utf-8", message, {});
      }
      break;
    case Phase::streaming:
      if (unsent && quiet > limits_.body_timeout.ns / 1'000'000) close();
      break;
    case Phase::draining:
      if (quiet > drain_ms) close();
      break;
    case Phase::closed: break;
  }
}

}  // namespace orch::net

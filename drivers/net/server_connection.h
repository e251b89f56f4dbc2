// One client's connection: reads requests, hands each to the handler in order, sends the answers.
//
// Lives on one I/O thread; everything here runs there. A request is answered before the next one is handed over, so
// pipelined requests keep their order. The socket is written at once and waits only when it is full; time is looked at
// by the thread's tick (`tick`), never per request. Kept alive by its worker until `close`.
#pragma once

#include <functional>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/guard.h"
#include "drivers/net/give_up.h"
#include "drivers/net/http_server.h"
#include "drivers/net/io_thread.h"
#include "drivers/net/message_parser.h"
#include "drivers/net/reply_head.h"
#include "drivers/net/server_stream.h"

namespace orch::net {

class ServerConnection final : public IoEvents, public std::enable_shared_from_this<ServerConnection> {
 public:
  /// `forget` is called once, when the connection is over.
  ServerConnection(std::shared_ptr<IoThread> io, const HttpServer::Handler& handler, const HttpServer::Limits& limits,
                   GiveUps& give_ups, std::string remote_address, std::function<void(ServerConnection*)> forget);

  /// Takes the socket and begins to read.
  void open(int fd);
  void close();
  void tick();
  /// The server stops: no request is taken after the one that is being handled. False: nothing is under way.
  bool finish();

  void on_readable() override;
  void on_writable() override;

  // From the Responder, by way of the I/O thread. `serial` says which request is answered: one that was given up on is
  // answered in vain.
  void answer(std::uint64_t serial, int status, std::string_view content_type, std::string body, const Headers& extra);
  void begin_stream(std::uint64_t serial, int status, std::string_view content_type, const Headers& extra,
                    std::shared_ptr<ServerStream> stream);
  void give_up_after(std::uint64_t serial, Duration wait, int status, std::string message);
  void stream_ready();

  /// Does something with the connection; what it throws is told and ends the connection, which may be half changed.
  template <class F>
  void guarded_by_its_end(F&& action) {
    const auto self = shared_from_this();
    if (!guarded("a connection", [&] { action(*this); })) guarded("the end of a connection", [this] { close(); });
  }

  const std::shared_ptr<IoThread>& io() const { return io_; }
  std::size_t max_queued() const { return limits_.max_queued; }

 private:
  enum class Phase { reading, handling, streaming, draining, closed };

  void read();
  void write();
  void look_at_time();
  void process();
  void dispatch();
  void refuse(int status, const std::string& message);
  void finish_answer();
  bool flush();
  bool settle_last_word();
  /// So much waits for the client to read that its next requests wait too.
  bool clogged() const;
  void arm_read();
  void enter(Phase phase);
  void touch() { since_ms_ = io_->now_ms(); }

  const std::shared_ptr<IoThread> io_;
  const HttpServer::Handler& handler_;
  const HttpServer::Limits& limits_;
  GiveUps& give_ups_;
  const std::string remote_address_;
  std::function<void(ServerConnection*)> forget_;
  IoThread::Watch watch_;
  MessageParser parser_;
  ReplyShape shape_;
  std::string in_, out_;
  std::size_t in_begin_ = 0, out_begin_ = 0;
  std::shared_ptr<ServerStream> stream_;
  Phase phase_ = Phase::reading;
  std::int64_t since_ms_ = 0;  // of the last progress in this phase
  bool finishing_ = false;  // the connection ends with its next answer
  std::uint64_t serial_ = 0;   // of the request that is being handled
  struct LastWord {
    std::shared_ptr<GiveUp> armed;
    int status;
    std::string message;
  };
  std::optional<LastWord> last_word_;  // of the request that is being handled
  bool keep_open_ = true, read_armed_ = false, write_armed_ = false, processing_ = false, continued_ = false;
  bool header_seen_ = false;
};

}  // namespace orch::net

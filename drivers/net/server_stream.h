// The queue between whoever writes a stream and the connection that sends it.
//
// Writers are on any thread; the connection takes what has gathered, all of it, whenever its socket has room, so that
// many small writes become one send. Bytes count as queued until the socket has taken them.
// A writer that is destroyed without `close` breaks the connection off: the client sees that the body is incomplete.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "drivers/net/http_server.h"

namespace orch::net {

class IoThread;
class ServerConnection;

/// Shared by the writer and the connection.
class ServerStream {
 public:
  ServerStream(std::shared_ptr<IoThread> io, std::weak_ptr<ServerConnection> connection, std::size_t max_queued,
               bool chunked);

  bool write(std::string_view bytes);
  /// `complete` false: the connection is broken off.
  void finish(bool complete);
  bool alive() const;
  std::size_t queued() const;

  // The connection's side, on its I/O thread.
  enum class Next { wait, finish, abort };
  /// Appends what is queued to `out`, framed, and answers what comes after it.
  Next take(std::string& out);
  void sent(std::size_t bytes);
  /// The client is gone, or the server has stopped.
  void lost();

 private:
  void wake();

  const std::shared_ptr<IoThread> io_;
  const std::weak_ptr<ServerConnection> connection_;
  const std::size_t max_queued_;
  const bool chunked_;
  mutable std::mutex mutex_;
  std::string pending_;     // framed
  std::size_t queued_ = 0;  // pending, and taken but not yet sent
  Next next_ = Next::wait;
  bool alive_ = true;  // writes are still accepted
  bool woken_ = false;
};

/// What the handler is given.
class ServerStreamWriter final : public StreamWriter {
 public:
  explicit ServerStreamWriter(std::shared_ptr<ServerStream> stream) : stream_(std::move(stream)) {}
  ~ServerStreamWriter() override { stream_->finish(false); }
  bool write(std::string bytes) override { return stream_->write(bytes); }
  void close() override { stream_->finish(true); }
  bool alive() const override { return stream_->alive(); }
  std::size_t queued() const override { return stream_->queued(); }

 private:
  const std::shared_ptr<ServerStream> stream_;
};

}  // namespace orch::net

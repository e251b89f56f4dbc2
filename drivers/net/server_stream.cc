#include "drivers/net/server_stream.h"

#include <algorithm>
#include <charconv>

#include "core/base/assert.h"
#include "drivers/net/io_thread.h"
#include "drivers/net/server_connection.h"

namespace orch::net {

ServerStream::ServerStream(std::shared_ptr<IoThread> io, std::weak_ptr<ServerConnection> connection,
                           std::size_t max_queued, bool chunked)
    : io_(std::move(io)), connection_(std::move(connection)), max_queued_(max_queued), chunked_(chunked) {}

bool ServerStream::write(std::string_view bytes) {
  std::lock_guard lock(mutex_);
  if (!alive_) return false;
  if (bytes.empty()) return true;  // an empty chunk would end the body
  if (queued_ + bytes.size() > max_queued_) {
    alive_ = false;
    next_ = Next::abort;
    wake();
    return false;
  }
  const std::size_t before = pending_.size();
  if (chunked_) {
    char size[20];
    pending_.append(size, std::to_chars(size, size + sizeof size, bytes.size(), 16).ptr);
    pending_.append("\r\n").append(bytes).append("\r\n");
  } else {
    pending_.append(bytes);
  }
  queued_ += pending_.size() - before;
  wake();
  return alive_;
}

void ServerStream::finish(bool complete) {
  std::lock_guard lock(mutex_);
  if (!alive_) return;
  alive_ = false;
  next_ = complete ? Next::finish : Next::abort;
  wake();
}

void ServerStream::wake() {
  if (woken_) return;
  woken_ = true;
  const bool posted = io_->post([connection = connection_] {
    if (auto alive = connection.lock()) alive->stream_ready();
  });
  if (!posted) alive_ = false;
}

bool ServerStream::alive() const {
  std::lock_guard lock(mutex_);
  return alive_;
}

std::size_t ServerStream::queued() const {
  std::lock_guard lock(mutex_);
  return queued_;
}

ServerStream::Next ServerStream::take(std::string& out) {
  std::lock_guard lock(mutex_);
  woken_ = false;
  if (next_ == Next::abort) return next_;
  out.append(pending_);
  pending_.clear();
  if (next_ == Next::finish && chunked_) out.append("0\r\n\r\n");
  return next_;
}

void ServerStream::sent(std::size_t bytes) {
  std::lock_guard lock(mutex_);
  // The head and the closing chunk pass through the same buffer and were never counted.
  ORCH_ASSERT(queued_ >= pending_.size(), "what waits in line counts as queued");
  queued_ -= std::min(bytes, queued_ - pending_.size());
}

void ServerStream::lost() {
  std::lock_guard lock(mutex_);
  alive_ = false;
  next_ = Next::abort;
  queued_ = 0;
  pending_ = {};
}

}  // namespace orch::net

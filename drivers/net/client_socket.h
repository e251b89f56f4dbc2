// The client's transport: one stream socket, TCP or unix, with a deadline on every wait and a way to interrupt it.
//
// The socket is non-blocking and every wait is a poll on it and on an event that `interrupt` raises. An interrupt that
// finds nobody waiting ends the next wait, so none is lost between a caller's check and its request; it is consumed by
// the wait that it ends. Not thread-safe except `interrupt`.
#pragma once

#include <chrono>
#include <expected>
#include <string>
#include <string_view>

#include "drivers/net/http_client.h"

namespace orch::net {

class ClientSocket {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ClientSocket();
  ~ClientSocket();
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  std::expected<void, NetError> connect(const Endpoint& endpoint, Time deadline);
  /// Sends all of `bytes`.
  std::expected<void, NetError> write(std::string_view bytes, Time deadline);
  /// Reads some; 0 means that the peer has closed.
  std::expected<std::size_t, NetError> read(char* data, std::size_t size, Time deadline);

  bool is_open() const { return fd_ >= 0; }
  /// A kept-alive connection is usable while nothing has arrived on it unasked (an end, most likely).
  bool is_quiet() const;
  void close();
  void interrupt();

 private:
  std::expected<void, NetError> wait(short events, Time deadline, const char* doing);
  std::expected<void, NetError> connect_one(int fd, const void* address, unsigned size, Time deadline);

  int fd_ = -1;
  int event_ = -1;
};

/// "connection refused": the system's words for an errno, in lower case as the rest of our sentences.
std::string error_words(int error_number);


}  // namespace orch::net

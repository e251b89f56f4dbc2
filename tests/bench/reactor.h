// One thread that drives many HTTP connections: readiness, timers, and requests that answer by a callback.
//
// The load of the benches and the simulated nodes come from here. It is as lean as can be, so that what is measured is
// the server: one epoll, no copies but one, and of an answer's head only the status, the length and X-Nomad-Index are
// read. Answers must carry Content-Length, as all of the agent's do but streams. Not thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <queue>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/net/http_client.h"

namespace orch::bench {

std::int64_t now_ns();

struct Reply {
  int status = 0;  ///< 0: the connection broke
  std::uint64_t index = 0;
  std::string_view body;  ///< valid during the callback
};
using OnReply = std::function<void(const Reply&)>;

class Reactor {
 public:
  Reactor();
  ~Reactor();
  Reactor(const Reactor&) = delete;
  Reactor& operator=(const Reactor&) = delete;

  void at(std::int64_t when_ns, std::function<void()> act);
  /// Calls `readable` whenever the descriptor has something to read; false for one that can't be waited for (a file).
  bool watch_input(int fd, std::function<void()> readable);
  /// Until `over` answers true (asked after each round) or the moment has come; answers `over`.
  bool run(const std::function<bool()>& over, std::int64_t until_ns);

 private:
  friend class Connection;
  struct Timer {
    std::int64_t when;
    std::uint64_t order;
    std::function<void()> act;
    bool operator>(const Timer& o) const { return when != o.when ? when > o.when : order > o.order; }
  };
  struct Input {
    int fd;
    std::function<void()> readable;
  };
  int epoll_ = -1;
  std::uint64_t timers_made_ = 0;
  std::priority_queue<Timer, std::vector<Timer>, std::greater<>> timers_;
  std::vector<std::unique_ptr<Input>> inputs_;
};

/// A kept-alive connection: one request at a time. Opened at the first, opened again after it broke.
class Connection {
 public:
  Connection(Reactor& reactor, net::Endpoint endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// `request` is the whole message. The callback runs from `Reactor::run` and may send the next at once.
  void send(std::string request, OnReply on_reply);
  bool busy() const { return static_cast<bool>(on_reply_); }
  void close();

 private:
  friend class Reactor;
  bool open();
  void ready(std::uint32_t events);
  bool write_some();
  void take_input();
  void broke();

  Reactor& reactor_;
  net::Endpoint endpoint_;
  int fd_ = -1;
  bool waits_to_write_ = false;
  std::string out_, in_, answer_;
  std::size_t written_ = 0, body_at_ = 0, body_size_ = 0;
  Reply reply_;
  OnReply on_reply_;
};

/// A request as text.
std::string request_text(std::string_view method, std::string_view target, std::string_view body = {},
                         std::string_view headers = {});

}  // namespace orch::bench

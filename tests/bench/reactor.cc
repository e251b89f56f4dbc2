#include "tests/bench/reactor.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>

#include "core/base/assert.h"

namespace orch::bench {
namespace {

// Whom an event is for: connections are at least 8 bytes aligned, so the lowest bit can say "an input".
constexpr std::uintptr_t input_mark = 1;

std::uint64_t number_after(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(name);
  std::uint64_t value = 0;
  if (at != std::string_view::npos) std::from_chars(head.data() + at + name.size(), head.data() + head.size(), value);
  return value;
}

}  // namespace

std::int64_t now_ns() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

Reactor::Reactor() : epoll_(epoll_create1(EPOLL_CLOEXEC)) { ORCH_ASSERT(epoll_ >= 0, "an epoll can be made"); }
Reactor::~Reactor() { ::close(epoll_); }

void Reactor::at(std::int64_t when_ns, std::function<void()> act) {
  timers_.push({when_ns, timers_made_++, std::move(act)});
}

bool Reactor::watch_input(int fd, std::function<void()> readable) {
  inputs_.push_back(std::make_unique<Input>(fd, std::move(readable)));
  epoll_event event{.events = EPOLLIN,
                    .data = {.u64 = reinterpret_cast<std::uintptr_t>(inputs_.back().get()) | input_mark}};
  return epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

bool Reactor::run(const std::function<bool()>& over, std::int64_t until_ns) {
  std::array<epoll_event, 256> events;
  while (!over()) {
    std::int64_t now = now_ns();
    if (now >= until_ns) return false;
    while (!timers_.empty() && timers_.top().when <= now) {
      auto act = std::move(const_cast<Timer&>(timers_.top()).act);
      timers_.pop();
      act();
    }
    const std::int64_t wake = timers_.empty() ? until_ns : std::min(until_ns, timers_.top().when);
    const std::int64_t wait_ms = std::clamp<std::int64_t>((wake - now + 999'999) / 1'000'000, 0, 1000);
    const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), static_cast<int>(wait_ms));
    for (int i = 0; i < n; ++i) {
      const std::uint64_t whom = events[static_cast<std::size_t>(i)].data.u64;
      if ((whom & input_mark) != 0) {
        reinterpret_cast<Input*>(whom & ~input_mark)->readable();
      } else {
        reinterpret_cast<Connection*>(whom)->ready(events[static_cast<std::size_t>(i)].events);
      }
    }
  }
  return true;
}

Connection::Connection(Reactor& reactor, net::Endpoint endpoint) : reactor_(reactor), endpoint_(std::move(endpoint)) {}
Connection::~Connection() { close(); }

void Connection::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  on_reply_ = {};
}

bool Connection::open() {
  fd_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) return false;
  const int on = 1;
  setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(endpoint_.port), .sin_addr = {}, .sin_zero = {}};
  inet_pton(AF_INET, endpoint_.host.c_str(), &address.sin_addr);
  if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)
    return false;
  waits_to_write_ = false;
  epoll_event event{.events = EPOLLIN, .data = {.u64 = reinterpret_cast<std::uintptr_t>(this)}};
  return epoll_ctl(reactor_.epoll_, EPOLL_CTL_ADD, fd_, &event) == 0;
}

void Connection::send(std::string request, OnReply on_reply) {
  ORCH_ASSERT(!busy(), "a connection carries one request at a time");
  on_reply_ = std::move(on_reply);
  out_ = std::move(request);
  written_ = 0;
  in_.clear();
  body_at_ = 0;
  if ((fd_ < 0 && !open()) || !write_some()) {
    // From a timer, so that the callback never runs inside `send`.
    reactor_.at(0, [this] { broke(); });
  }
}

bool Connection::write_some() {
  while (written_ < out_.size()) {
    const ssize_t n = ::send(fd_, out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (n > 0) {
      written_ += static_cast<std::size_t>(n);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != ENOTCONN) return false;
    break;
  }
  const bool waits = written_ < out_.size();
  if (waits == waits_to_write_) return true;
  waits_to_write_ = waits;
  epoll_event event{.events = EPOLLIN | (waits ? std::uint32_t{EPOLLOUT} : 0u),
                    .data = {.u64 = reinterpret_cast<std::uintptr_t>(this)}};
  return epoll_ctl(reactor_.epoll_, EPOLL_CTL_MOD, fd_, &event) == 0;
}

void Connection::ready(std::uint32_t events) {
  if (fd_ < 0) return;
  if ((events & EPOLLOUT) != 0 && !write_some()) return broke();
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0) take_input();
}

void Connection::take_input() {
  char buffer[65536];
  while (true) {
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return broke();
    in_.append(buffer, static_cast<std::size_t>(n));
    if (body_at_ == 0) {
      const std::size_t end = in_.find("\r\n\r\n");
      if (end == std::string::npos) continue;
      const std::string_view head = std::string_view(in_).substr(0, end + 2);
      body_at_ = end + 4;
      body_size_ = number_after(head, "\r\nContent-Length: ");
      reply_.status = static_cast<int>(number_after(head, "HTTP/1.1 "));
      reply_.index = number_after(head, "\r\nX-Nomad-Index: ");
    }
    if (in_.size() < body_at_ + body_size_) continue;
    answer_.swap(in_);  // the callback may send the next request
    reply_.body = std::string_view(answer_).substr(body_at_, body_size_);
    const OnReply done = std::exchange(on_reply_, {});
    if (done) done(reply_);
    return;
  }
}

void Connection::broke() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  const OnReply done = std::exchange(on_reply_, {});
  if (done) done({});
}

std::string request_text(std::string_view method, std::string_view target, std::string_view body,
                         std::string_view headers) {
  std::string text;
  text.reserve(160 + target.size() + headers.size() + body.size());
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: orch\r\n").append(headers);
  if (!body.empty() || method != "GET")
    text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n");
  return text.append("\r\n").append(body);
}

}  // namespace orch::bench

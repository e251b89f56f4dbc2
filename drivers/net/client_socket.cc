#include "drivers/net/client_socket.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace orch::net {

std::string error_words(int error_number) {
  std::string words = std::strerror(error_number);
  if (!words.empty() && words[0] >= 'A' && words[0] <= 'Z') words[0] = static_cast<char>(words[0] + 32);
  return words;
}

ClientSocket::ClientSocket() : event_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

ClientSocket::~ClientSocket() {
  close();
  if (event_ >= 0) ::close(event_);
}

void ClientSocket::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

void ClientSocket::interrupt() {
  const std::uint64_t one = 1;
  // Fails only when the event is raised already.
  [[maybe_unused]] auto written = ::write(event_, &one, sizeof one);
}

bool ClientSocket::is_quiet() const {
  pollfd entry{fd_, POLLIN, 0};
  return ::poll(&entry, 1, 0) == 0;
}

std::expected<void, NetError> ClientSocket::wait(short events, Time deadline, const char* doing) {
  while (true) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return std::unexpected(NetError{NetError::Kind::timeout, std::string(doing) + ": timed out"});
    pollfd entries[2] = {{fd_, events, 0}, {event_, POLLIN, 0}};
    const int ready = ::poll(entries, 2, static_cast<int>(std::min<long long>(left, 1 << 30)));
    if (ready < 0 && errno != EINTR) {
      return std::unexpected(NetError{NetError::Kind::closed, std::string(doing) + ": " + error_words(errno)});
    }
    if (ready <= 0) continue;
    if (entries[1].revents != 0) {
      std::uint64_t count;
      [[maybe_unused]] auto taken = ::read(event_, &count, sizeof count);
      return std::unexpected(NetError{NetError::Kind::cancelled, std::string(doing) + ": cancelled"});
    }
    return {};
  }
}

std::expected<void, NetError> ClientSocket::connect_one(int fd, const void* address, unsigned size, Time deadline) {
  close();
  fd_ = fd;
  if (::connect(fd_, static_cast<const sockaddr*>(address), size) == 0) return {};
  // A unix socket whose backlog is full says EAGAIN at once; it has no "in progress".
  while (errno == EAGAIN && std::chrono::steady_clock::now() < deadline) {
    ::poll(nullptr, 0, 2);
    if (::connect(fd_, static_cast<const sockaddr*>(address), size) == 0) return {};
  }
  if (errno != EINPROGRESS) return std::unexpected(NetError{NetError::Kind::connect, error_words(errno)});
  if (auto waited = wait(POLLOUT, deadline, "connect"); !waited) return waited;
  int error = 0;
  socklen_t length = sizeof error;
  ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return std::unexpected(NetError{NetError::Kind::connect, error_words(error)});
  return {};
}

std::expected<void, NetError> ClientSocket::connect(const Endpoint& endpoint, Time deadline) {
  const std::string what = "connect to " + endpoint_name(endpoint) + ": ";
  auto named = [&](NetError error) {
    close();
    error.message = what + (error.kind == NetError::Kind::timeout     ? "timed out"
                            : error.kind == NetError::Kind::cancelled ? "cancelled"
                                                                      : error.message);
    return std::unexpected(std::move(error));
  };
  constexpr int flags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

  if (!endpoint.unix_path.empty()) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (endpoint.unix_path.size() >= sizeof address.sun_path) {
      return named({NetError::Kind::connect, "the socket's path is longer than 107 bytes"});
    }
    std::memcpy(address.sun_path, endpoint.unix_path.data(), endpoint.unix_path.size());
    const int fd = ::socket(AF_UNIX, flags, 0);
    if (fd < 0) return named({NetError::Kind::connect, error_words(errno)});
    auto connected = connect_one(fd, &address, sizeof address, deadline);
    if (!connected) return named(connected.error());
    return {};
  }

  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(endpoint.port);
  if (const int failed = ::getaddrinfo(endpoint.host.c_str(), port.c_str(), &hints, &found); failed != 0) {
    const bool unknown = failed == EAI_NONAME;
    return named({NetError::Kind::resolve,
                  "lookup " + endpoint.host + ": " + (unknown ? "no such host" : ::gai_strerror(failed))});
  }
  std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  NetError last{NetError::Kind::connect, "no address"};
  for (const addrinfo* a = found; a != nullptr; a = a->ai_next) {
    const int fd = ::socket(a->ai_family, flags, 0);
    if (fd < 0) {
      last.message = error_words(errno);
      continue;
    }
    auto connected = connect_one(fd, a->ai_addr, a->ai_addrlen, deadline);
    if (connected) {
      const int on = 1;
      ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      // A peer that vanished without a word ends a wait after a minute, however long the wait may be.
      ::setsockopt(fd_, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
      const int idle = 30, interval = 10, count = 3;
      ::setsockopt(fd_, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
      ::setsockopt(fd_, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
      ::setsockopt(fd_, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
      return {};
    }
    last = connected.error();
    if (last.kind != NetError::Kind::connect) break;
  }
  return named(last);
}

std::expected<void, NetError> ClientSocket::write(std::string_view bytes, Time deadline) {
  while (!bytes.empty()) {
    const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      if (auto waited = wait(POLLOUT, deadline, "write"); !waited) return waited;
    } else if (errno != EINTR) {
      return std::unexpected(NetError{NetError::Kind::closed, "write: " + error_words(errno)});
    }
  }
  return {};
}

std::expected<std::size_t, NetError> ClientSocket::read(char* data, std::size_t size, Time deadline) {
  while (true) {
    // Waiting first also notices a cancel while bytes keep arriving.
    if (auto waited = wait(POLLIN, deadline, "read"); !waited) return std::unexpected(waited.error());
    const ssize_t n = ::recv(fd_, data, size, 0);
    if (n >= 0) return static_cast<std::size_t>(n);
    if (errno != EAGAIN && errno != EINTR) {
      return std::unexpected(NetError{NetError::Kind::closed, "read: " + error_words(errno)});
    }
  }
}

}  // namespace orch::net

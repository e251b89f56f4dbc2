#include "drivers/net/http_server.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

#include "drivers/net/give_up.h"
#include "drivers/net/io_thread.h"
#include "drivers/net/message_parser.h"
#include "drivers/net/server_connection.h"

namespace orch::net {

std::string_view ServerRequest::header(std::string_view name) const {
  return static_cast<const MessageParser*>(native)->field(name);
}

namespace {

// An I/O thread and the connections that live on it.
struct Worker {
  std::shared_ptr<IoThread> io = std::make_shared<IoThread>();
  std::unordered_map<ServerConnection*, std::shared_ptr<ServerConnection>> connections;
};

std::string address_text(const sockaddr_storage& address) {
  char text[INET6_ADDRSTRLEN] = {};
  const void* part = address.ss_family == AF_INET6
                         ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in6&>(address).sin6_addr)
                         : static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  return inet_ntop(address.ss_family, part, text, sizeof text) != nullptr ? text : "";
}

std::uint16_t port_of(const sockaddr_storage& address) {
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace

struct HttpServer::Impl {
  Impl(Handler h, Limits l, unsigned threads) : handler(std::move(h)), limits(l) {
    for (unsigned i = 0; i < std::max(1u, threads); ++i) workers.push_back(std::make_unique<Worker>());
  }

  // Accepts as long as there is somebody, then waits for the next.
  class Listener final : public IoEvents, public std::enable_shared_from_this<Listener> {
   public:
    explicit Listener(Impl& owner) : owner_(owner) {}
    bool open(IoThread& io, int fd) { return watch_.open(io, fd); }
    void on_readable() override {
      armed_ = false;
      accept_all();
    }
    void on_writable() override {}
    void accept_all();
    /// After a failure (no descriptors left) the next tick tries again.
    void tick() {
      if (watch_.fd() >= 0 && !armed_) accept_all();
    }
    void close() { watch_.close(); }

   private:
    Impl& owner_;
    IoThread::Watch watch_;
    bool armed_ = false;
  };

  void adopt(int fd, const sockaddr_storage& address);
  Worker& next();
  void tick(Worker& worker);
  void tick();
  void wind_up(Duration grace);
  std::expected<int, NetError> bind_to(const std::string& address, std::uint16_t port);

  const Handler handler;
  const Limits limits;
  GiveUps give_ups;
  // Runs no handlers, so that it goes on when a worker is held up: it accepts, and speaks for those that cannot.
  std::shared_ptr<IoThread> acceptor = std::make_shared<IoThread>();
  std::vector<std::unique_ptr<Worker>> workers;
  std::vector<std::shared_ptr<Listener>> listeners;  // of the acceptor's thread
  std::atomic<std::size_t> open_connections = 0;
  std::size_t next_worker = 0;
  bool started = false, stopped = false;
};

void HttpServer::Impl::Listener::accept_all() {
  while (true) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    const int fd = accept4(watch_.fd(), reinterpret_cast<sockaddr*>(&address), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      owner_.adopt(fd, address);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return;
    break;
  }
  armed_ = true;
  watch_.wait_readable(shared_from_this());
}

void HttpServer::Impl::adopt(int fd, const sockaddr_storage& address) {
  if (open_connections >= limits.max_connections) {
    close(fd);
    return;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ++open_connections;
  Worker& worker = next();
  auto connection = std::make_shared<ServerConnection>(worker.io, handler, limits, give_ups, address_text(address),
                                                       [this, &worker](ServerConnection* over) {
                                                         worker.connections.erase(over);
                                                         --open_connections;
                                                       });
  auto begin = [&worker, connection, fd] {
    worker.connections[connection.get()] = connection;
    connection->open(fd);
  };
  if (!worker.io->post(begin)) close(fd);
}

// In turn, but nobody is handed to a worker that waits for something itself.
Worker& HttpServer::Impl::next() {
  for (std::size_t tries = 1; tries < workers.size(); ++tries) {
    Worker& worker = *workers[next_worker++ % workers.size()];
    if (!worker.io->held_up(acceptor->now_ms())) return worker;
  }
  return *workers[next_worker++ % workers.size()];
}

void HttpServer::Impl::tick() {
  for (const auto& listener : listeners) listener->tick();
  give_ups.speak_for(acceptor->now_ms() - 3 * acceptor->tick_ms());
}

void HttpServer::Impl::tick(Worker& worker) {
  std::vector<std::shared_ptr<ServerConnection>> all;
  all.reserve(worker.connections.size());
  for (const auto& [key, connection] : worker.connections) all.push_back(connection);
  for (const auto& connection : all) connection->tick();
}

std::expected<int, NetError> HttpServer::Impl::bind_to(const std::string& address, std::uint16_t port) {
  const std::string where = "listen on " + address + ":" + std::to_string(port) + ": ";
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found); code != 0) {
    return std::unexpected(NetError{NetError::Kind::resolve, where + gai_strerror(code)});
  }
  const int fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  const int on = 1;
  if (fd >= 0) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool bound = fd >= 0 && bind(fd, found->ai_addr, found->ai_addrlen) == 0 && ::listen(fd, 1024) == 0;
  const int error = errno;
  freeaddrinfo(found);
  if (bound) return fd;
  if (fd >= 0) close(fd);
  std::string reason = std::strerror(error);
  if (error == EADDRINUSE)
    reason = "address already in use; stop the other agent or choose another port with -http-port";
  if (error == EADDRNOTAVAIL)
    reason = "no interface of this machine has this address; choose one of its own with -bind";
  if (error == EACCES) reason = "permission denied; ports below 1024 are for root, choose another with -http-port";
  return std::unexpected(NetError{NetError::Kind::connect, where + reason});
}

HttpServer::HttpServer(Handler handler, Limits limits, unsigned threads)
    : impl_(std::make_unique<Impl>(std::move(handler), limits, threads)) {}

HttpServer::~HttpServer() { stop(); }

std::expected<std::uint16_t, NetError> HttpServer::listen(const std::string& address, std::uint16_t port) {
  Impl& server = *impl_;
  const auto fd = server.bind_to(address, port);
  if (!fd) return std::unexpected(fd.error());
  sockaddr_storage bound{};
  socklen_t size = sizeof bound;
  getsockname(*fd, reinterpret_cast<sockaddr*>(&bound), &size);
  if (!server.started) {
    server.started = true;
    // A quarter of the shortest limit, so that limits hold to a quarter.
    const auto shortest =
        std::min({server.limits.header_timeout, server.limits.body_timeout, server.limits.idle_timeout, seconds(4)});
    for (auto& worker : server.workers) {
      worker->io->start(Duration{shortest.ns / 4}, [&server, w = worker.get()] { server.tick(*w); });
    }
    server.acceptor->start(Duration{shortest.ns / 4}, [&server] { server.tick(); });
  }
  auto listener = std::make_shared<Impl::Listener>(server);
  const bool posted = server.acceptor->post([&server, listener, fd = *fd] {
    if (!listener->open(*server.acceptor, fd)) return;
    server.listeners.push_back(listener);
    listener->accept_all();
  });
  if (!posted) {
    close(*fd);
    return std::unexpected(NetError{NetError::Kind::closed, "the server has been stopped"});
  }
  return port_of(bound);
}

// Asks each worker's connections to finish, from its own thread, until none has anything under way.
void HttpServer::Impl::wind_up(Duration grace) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(grace.ns);
  acceptor->post([this] {
    for (auto& listener : listeners) listener->close();
  });
  while (std::chrono::steady_clock::now() < until) {
    struct Count {
      std::mutex mutex;
      std::condition_variable done;
      std::size_t asked = 0, busy = 0;
    };
    const auto count = std::make_shared<Count>();
    count->asked = workers.size();
    for (auto& worker : workers) {
      worker->io->post([this, count, w = worker.get()] {
        std::size_t busy = 0;
        for (auto& [key, connection] : w->connections) busy += connection->finish() ? 1 : 0;
        std::lock_guard lock(count->mutex);
        count->busy += busy;
        if (--count->asked == 0) count->done.notify_all();
      });
    }
    std::unique_lock lock(count->mutex);
    if (!count->done.wait_until(lock, until, [&] { return count->asked == 0; }) || count->busy == 0) return;
    lock.unlock();
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
}

void HttpServer::stop(Duration grace) {
  Impl& server = *impl_;
  if (server.stopped) return;
  server.stopped = true;
  if (server.started && grace.ns > 0) server.wind_up(grace);
  server.acceptor->stop();
  for (auto& worker : server.workers) worker->io->stop();
  // The threads are gone: what is left is taken down from here.
  for (auto& listener : server.listeners) listener->close();
  for (auto& worker : server.workers) {
    auto connections = std::move(worker->connections);
    worker->connections.clear();
    for (auto& [key, connection] : connections) connection->close();
  }
}

}  // namespace orch::net

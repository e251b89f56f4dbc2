#include "drivers/node/check_runner.h"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>

#include "drivers/net/http_server.h"

using namespace orch;
using namespace orch::client;

namespace {

/// A socket that listens on a port of its own and never accepts; the kernel answers connects.
class Listening {
 public:
  Listening() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(fd_, 64) == 0);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Listening() { close(); }
  void close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  int port() const { return port_; }

 private:
  int fd_;
  int port_ = 0;
};

CheckTarget tcp(int port) {
  CheckTarget target;
  target.id = "one";
  target.check.type = "tcp";
  target.check.interval = milliseconds(100);
  target.check.timeout = seconds(1);
  target.host = "127.0.0.1";
  target.port = port;
  return target;
}

}  // namespace

TEST_CASE("a tcp check passes while somebody listens") {
  Listening listening;
  CHECK(run_check(tcp(listening.port())).status == CheckResult::Status::passing);
  listening.close();
  CHECK(run_check(tcp(listening.port())).status == CheckResult::Status::critical);
}

TEST_CASE("an http check asks as it is told to and goes by the answer") {
  std::mutex mutex;
  std::string seen;
  int status = 200;
  net::HttpServer server([&](const net::ServerRequest& request, net::Responder responder) {
    std::lock_guard lock(mutex);
    seen =
        std::string(request.method) + " " + std::string(request.target) + " " + std::string(request.header("X-Probe"));
    responder.send(status, "text/plain", "well");
  }, {}, 1);
  CheckTarget target = tcp(server.listen("127.0.0.1", 0).value());
  target.check.type = "http";
  target.check.path = "/health?deep=1";
  target.check.header = {{"X-Probe", {"orch"}}};
  const auto run = [&](int answer) {
    {
      std::lock_guard lock(mutex);
      status = answer;
    }
    return run_check(target);
  };
  CHECK(run(200).status == CheckResult::Status::passing);
  CHECK(seen == "GET /health?deep=1 orch");
  CHECK(run(204).status == CheckResult::Status::passing);
  CHECK(run(429).status == CheckResult::Status::warning);
  CHECK(run(404).status == CheckResult::Status::critical);
  CHECK(run(503).output.find("/health?deep=1: 503 Output: well") != std::string::npos);
  target.check.method = "PUT";
  target.check.path = "health";
  CHECK(run(200).status == CheckResult::Status::passing);
  CHECK(seen == "PUT /health orch");
  target.check.protocol = "https";
  CHECK(run(200).output == "https checks are not supported: orch has no TLS yet");
  server.stop();
  target.check.protocol = "http";
  CHECK(run(200).status == CheckResult::Status::critical);
}

TEST_CASE("script checks go by the exit code") {
  CheckTarget target;
  target.check.type = "script";
  target.check.command = "/bin/check";
  CHECK(run_check(target).status == CheckResult::Status::critical);
  int code = 0;
  target.exec = [&](const std::string& command, const StringList&, Duration) {
    CHECK(command == "/bin/check");
    return TaskDriver::ExecResult{code, "seen"};
  };
  CHECK(run_check(target).status == CheckResult::Status::passing);
  code = 1;
  CHECK(run_check(target).status == CheckResult::Status::warning);
  code = 2;
  CHECK(run_check(target).status == CheckResult::Status::critical);
  CHECK(run_check(target).output == "seen");
}

TEST_CASE("results come on the interval until the runner is stopped") {
  Listening listening;
  std::mutex mutex;
  std::condition_variable changed;
  int passing = 0, critical = 0;
  CheckRunner runner({tcp(listening.port())}, [&](const CheckTarget& target, const CheckResult& result) {
    std::lock_guard lock(mutex);
    CHECK(target.id == "one");
    ++(result.status == CheckResult::Status::passing ? passing : critical);
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  REQUIRE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return passing >= 2; }));
  lock.unlock();
  listening.close();
  lock.lock();
  REQUIRE(changed.wait_for(lock, std::chrono::seconds(10), [&] { return critical >= 1; }));
  lock.unlock();
  runner.stop();
}

// Clients that stop in the middle: the server's limits of time, made short.
#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "drivers/net/http_server.h"

using namespace orch;

namespace {

// Answers everything with its body; a server that is impatient.
struct Impatient {
  net::HttpServer server{[](const net::ServerRequest& request, net::Responder responder) {
                           responder.send(200, "text/plain", "got " + std::to_string(request.body.size()));
                         },
                         {.max_body = 1000,
                          .header_timeout = milliseconds(80),
                          .body_timeout = milliseconds(160),
                          .idle_timeout = milliseconds(240)},
                         1};
  std::uint16_t port = *server.listen("127.0.0.1", 0);
};

class Peer {
 public:
  explicit Peer(std::uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0);
  }
  ~Peer() { close(fd_); }
  void say(const std::string& text) {
    REQUIRE(send(fd_, text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size()));
  }
  /// All that comes until the server closes.
  std::string hear() {
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = recv(fd_, buffer, sizeof buffer, 0)) > 0;) all.append(buffer, static_cast<std::size_t>(n));
    return all;
  }

 private:
  int fd_;
};

}  // namespace

TEST_CASE("half a header, half a body and silence end by the clock") {
  Impatient place;
  Peer header(place.port), body(place.port), silent(place.port), whole(place.port);
  header.say("GET / HTTP/1.1\r\nHost: a\r\n");
  body.say("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n12345");
  whole.say("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n12345");
  const std::string told = header.hear();
  CHECK(told.starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  CHECK(told.ends_with("the header did not arrive in time"));
  CHECK(body.hear().ends_with("the body did not arrive in time"));
  CHECK(silent.hear().empty());                  // nothing was asked: nothing is said
  CHECK(whole.hear().ends_with("\r\n\r\ngot 5"));  // answered, kept, and closed when nothing more came
}

TEST_CASE("a body is refused as soon as it says that it is too large") {
  Impatient place;
  Peer peer(place.port);
  peer.say("PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n");
  const std::string told = peer.hear();
  CHECK(told.starts_with("HTTP/1.1 413 Payload Too Large\r\n"));
  CHECK(told.ends_with("the body is larger than 1000 bytes"));
}

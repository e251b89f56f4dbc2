// What is thrown ends the work that it came from, and no more: pools, strands, requests.
#include <doctest/doctest.h>

#include <atomic>
#include <stdexcept>
#include <string>

#include "drivers/net/http_client.h"
#include "drivers/net/http_server.h"
#include "drivers/net/pool.h"
#include "drivers/net/strand.h"
#include "drivers/net/timers.h"

using namespace orch;

TEST_CASE("a job that throws ends alone: its pool counts it as over and goes on") {
  std::atomic<int> ran = 0;
  net::Pool pool({.threads = 2, .queue = 100});
  for (int i = 0; i < 50; ++i) {
    REQUIRE(pool.run([&, i] {
      ++ran;
      if (i % 2 == 0) throw std::runtime_error("a parser's complaint");
      if (i % 3 == 0) throw i;
    }));
  }
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(ran == 50);
}

TEST_CASE("a function of a strand that throws ends alone, as does a timer's") {
  std::atomic<int> ran = 0;
  net::Pool pool({.threads = 1, .queue = 10});
  net::Strand strand(pool);
  net::Timers timers(pool, strand);
  std::atomic<bool> fired = false;
  timers.set("first", net::boot_time(), [&] {
    fired = true;
    fired.notify_all();
    throw std::bad_alloc();
  });
  fired.wait(false);
  for (int i = 0; i < 10; ++i) {
    REQUIRE(strand.post([&] {
      ++ran;
      throw std::runtime_error("once more");
    }));
  }
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(ran == 10);
}

TEST_CASE("a handler that throws is answered 500 with the number of its request, and the connection serves on") {
  net::HttpServer server(
      [](const net::ServerRequest& request, net::Responder responder) {
        if (request.path == "/throws") throw std::runtime_error("no");
        if (request.path == "/drops") return;
        if (request.path == "/throws_later") {
          auto shared = std::make_shared<net::Responder>(std::move(responder));
          net::Responder& kept = *shared;
          return kept.post([shared = std::move(shared)]() mutable {
            const auto last = std::move(shared);
            throw std::runtime_error("later");
          });
        }
        responder.send(200, "text/plain", "fine");
      },
      {}, 1);
  const auto port = server.listen("127.0.0.1", 0);
  REQUIRE(port.has_value());
  net::HttpClient client(*net::Endpoint::parse("127.0.0.1:" + std::to_string(*port)));
  for (int i = 0; i < 3; ++i) {
    for (const std::string path : {"/throws", "/throws_later", "/drops"}) {
      CAPTURE(path);
      const auto answer = client.send({.target = path});
      REQUIRE(answer.has_value());
      CHECK(answer->status == 500);
      CHECK(answer->body.find(path == "/drops" ? "was dropped without an answer" : "internal error") !=
            std::string::npos);
      CHECK(answer->body.find_first_of("0123456789") != std::string::npos);
    }
    const auto fine = client.send({.target = "/fine"});
    REQUIRE(fine.has_value());
    CHECK(fine->body == "fine");
  }
}

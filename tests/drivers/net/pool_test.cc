#include "drivers/net/pool.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "tests/drivers/net/gate.h"

using namespace orch;
using net::Pool;
using test::Gate;

TEST_CASE("a pool grows with what it is given, and never beyond its bound") {
  Gate gate;
  std::atomic<int> now = 0, most = 0, ran = 0;
  Pool pool({.threads = 3, .queue = 100});
  CHECK(pool.threads() == 1);
  for (int i = 0; i < 20; ++i) {
    REQUIRE(pool.run([&] {
      const int here = ++now;
      for (int seen = most; seen < here && !most.compare_exchange_weak(seen, here);) {
      }
      gate.pass();
      --now;
      ++ran;
    }));
  }
  gate.wait_for(3);
  CHECK(pool.threads() == 3);
  gate.open();
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(ran == 20);
  CHECK(most == 3);
}

TEST_CASE("a pool refuses what its line has no room for, and takes more once there is") {
  Gate gate;
  Pool pool({.threads = 1, .queue = 2});
  std::atomic<int> ran = 0;
  CHECK(pool.run([&] { gate.pass(); }));
  CHECK_FALSE(pool.has_line());
  CHECK(pool.run([&] { ++ran; }));
  CHECK(pool.has_line());
  CHECK(pool.run([&] { ++ran; }));
  CHECK_FALSE(pool.run([&] { ran = 100; }));
  CHECK(pool.drain({}) == 3);
  gate.open();
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(ran == 2);
  CHECK(pool.run([&] { ++ran; }));
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(ran == 3);
}

TEST_CASE("a job that waits holds up no other while the pool has threads") {
  Gate first, second;
  Pool pool({.threads = 2});
  REQUIRE(pool.run([&] { first.pass(); }));
  REQUIRE(pool.run([&] { second.pass(); }));
  second.wait_for(1);
  second.open();
  first.open();
}

TEST_CASE("jobs in line are begun in the order they were given") {
  Gate gate;
  std::vector<int> order;
  Pool pool({.threads = 1, .queue = 100});
  REQUIRE(pool.run([&] { gate.pass(); }));
  for (int i = 0; i < 100; ++i) REQUIRE(pool.run([&order, i] { order.push_back(i); }));
  gate.open();
  pool.stop();
  CHECK(order.size() == 100);
  CHECK(std::ranges::is_sorted(order));
}

TEST_CASE("a stop runs what stands in line, and nothing runs after it") {
  Gate gate;
  std::atomic<int> ran = 0;
  Pool pool({.threads = 1, .queue = 10});
  REQUIRE(pool.run([&] { gate.pass(); }));
  for (int i = 0; i < 5; ++i) REQUIRE(pool.run([&] { ++ran; }));
  std::thread stopper([&] { pool.stop(); });
  gate.open();
  stopper.join();
  CHECK(ran == 5);
  CHECK_FALSE(pool.run([&] { ++ran; }));
  CHECK(pool.threads() == 0);
  pool.stop();
  CHECK(ran == 5);
}

TEST_CASE("what a job holds is let go before it counts as over, and at once when it is refused") {
  Pool pool({.threads = 1});
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> weak = held;
  REQUIRE(pool.run([held = std::move(held)] {}));
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(weak.expired());
  pool.stop();
  held = std::make_shared<int>(2);
  const std::weak_ptr<int> refused = held;
  CHECK_FALSE(pool.run([held = std::move(held)] {}));
  CHECK(refused.expired());
}

TEST_CASE("a job may give its pool another") {
  Gate gate;
  gate.open();
  Pool pool({.threads = 1, .queue = 1});
  REQUIRE(pool.run([&] { CHECK(pool.run([&] { gate.pass(); })); }));
  gate.wait_for(1);
}

TEST_CASE("a pool knows its own threads") {
  Pool pool({.threads = 1}), other({.threads = 1});
  bool own = false, others = true;
  CHECK_FALSE(pool.on_thread());
  REQUIRE(pool.run([&] {
    own = pool.on_thread();
    others = other.on_thread();
  }));
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(own);
  CHECK_FALSE(others);
}

TEST_CASE("idle threads end, but for the first, and come again when they are needed") {
  Pool pool({.threads = 4, .idle = milliseconds(1)});
  for (int round = 0; round < 3; ++round) {
    Gate gate;
    for (int i = 0; i < 4; ++i) REQUIRE(pool.run([&] { gate.pass(); }));
    gate.wait_for(4);
    CHECK(pool.threads() == 4);
    gate.open();
    CHECK(pool.drain(minutes(1)) == 0);
    while (pool.threads() > 1) std::this_thread::yield();
  }
}

TEST_CASE("many givers and short lives lose no job") {
  std::atomic<int> ran = 0;
  {
    Pool pool({.threads = 8, .queue = 100000, .idle = Duration{1000}});
    std::vector<std::thread> givers;
    for (int g = 0; g < 4; ++g) {
      givers.emplace_back([&] {
        for (int i = 0; i < 2000; ++i) {
          if (!pool.run([&] { ++ran; })) return;
          if (i % 100 == 0) std::this_thread::yield();
        }
      });
    }
    for (std::thread& giver : givers) giver.join();
  }
  CHECK(ran == 8000);
}

#include "drivers/net/strand.h"

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/drivers/net/gate.h"

using namespace orch;
using net::Pool;
using net::Strand;
using test::Gate;

TEST_CASE("what one thread posts runs in that order, and never two at once") {
  Pool pool({.threads = 4, .queue = 100});
  std::vector<int> seen[3];  // each without a lock: its strand is the lock
  Strand strands[3] = {Strand(pool), Strand(pool), Strand(pool)};
  for (int i = 0; i < 1000; ++i) {
    for (int s = 0; s < 3; ++s) REQUIRE(strands[s].post([&seen, s, i] { seen[s].push_back(i); }));
  }
  CHECK(pool.drain(minutes(1)) == 0);
  for (const std::vector<int>& one : seen) {
    REQUIRE(one.size() == 1000);
    for (int i = 0; i < 1000; ++i) REQUIRE(one[static_cast<std::size_t>(i)] == i);
  }
}

TEST_CASE("many posters of a strand never run two functions at once") {
  Pool pool({.threads = 4, .queue = 100});
  Strand strand(pool);
  int count = 0;  // without a lock
  std::vector<std::thread> posters;
  for (int p = 0; p < 4; ++p) {
    posters.emplace_back([&] {
      for (int i = 0; i < 1000; ++i) (void)strand.post([&] { ++count; });
    });
  }
  for (std::thread& poster : posters) poster.join();
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(count == 4000);
  CHECK(strand.unfinished() == 0);
}

TEST_CASE("a strand takes one thread, however much waits in it") {
  Gate gate;
  Pool pool({.threads = 4});
  Strand strand(pool);
  REQUIRE(strand.post([&] { gate.pass(); }));
  for (int i = 0; i < 50; ++i) REQUIRE(strand.post([] {}));
  CHECK(strand.unfinished() == 51);
  CHECK(pool.threads() == 1);
  CHECK(pool.drain({}) == 1);
  gate.open();
}

TEST_CASE("a strand whose function waits holds up no other strand") {
  Gate first, second;
  Pool pool({.threads = 2});
  Strand a(pool), b(pool);
  REQUIRE(a.post([&] { first.pass(); }));
  REQUIRE(b.post([&] { second.pass(); }));
  second.wait_for(1);
  second.open();
  first.open();
}

TEST_CASE("a strand's function may post to it, and what was posted before goes first") {
  Pool pool({.threads = 2});
  Strand strand(pool);
  Gate gate;
  std::string order;
  REQUIRE(strand.post([&] {
    gate.pass();
    order += 'a';
    CHECK(strand.post([&] { order += 'c'; }));
  }));
  REQUIRE(strand.post([&] { order += 'b'; }));
  gate.open();
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(order == "abc");
}

TEST_CASE("a full pool refuses an idle strand, not one that has its thread") {
  Gate gate;
  Pool pool({.threads = 1, .queue = 0});
  Strand busy(pool), idle(pool);
  std::atomic<int> ran = 0;
  REQUIRE(busy.post([&] { gate.pass(); }));
  CHECK(busy.post([&] { ++ran; }));
  CHECK_FALSE(idle.post([&] { ran = 100; }));
  gate.open();
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(ran == 1);
  CHECK(idle.post([&] { ++ran; }));
}

TEST_CASE("a pool of one thread refuses nothing to its only strand, also at the moment at which it falls idle") {
  Pool pool({.threads = 1, .queue = 0});
  Strand strand(pool);
  std::atomic<int> ran = 0, refused = 0;
  std::vector<std::thread> posters;
  for (int p = 0; p < 2; ++p) {
    posters.emplace_back([&] {
      for (int i = 0; i < 50'000; ++i) {
        if (!strand.post([&] { ++ran; })) ++refused;
        while (i % 2 == 0 && strand.unfinished() > 0) std::this_thread::yield();
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(refused == 0);
  CHECK(ran == 100'000);
}

TEST_CASE("a pool's stop runs what its strands were given, and nothing runs after it") {
  Gate gate;
  Pool pool({.threads = 2});
  Strand strand(pool);
  std::atomic<int> ran = 0;
  REQUIRE(strand.post([&] { gate.pass(); }));
  for (int i = 0; i < 5; ++i) REQUIRE(strand.post([&] { ++ran; }));
  std::thread stopper([&] { pool.stop(); });
  gate.open();
  stopper.join();
  CHECK(ran == 5);
  CHECK_FALSE(strand.post([&] { ++ran; }));
  CHECK(ran == 5);
}

TEST_CASE("a strand may go while it has work, which is done") {
  Gate gate;
  Pool pool({.threads = 1});
  std::atomic<int> ran = 0;
  {
    Strand strand(pool);
    REQUIRE(strand.post([&] { gate.pass(); }));
    REQUIRE(strand.post([&] { ++ran; }));
  }
  gate.open();
  CHECK(pool.drain(minutes(1)) == 0);
  CHECK(ran == 1);
}

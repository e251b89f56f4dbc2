// Who is woken by what: blocking queries, deadlines, and node clients that are paced.
#include "drivers/server/watch_hub.h"

#include <doctest/doctest.h>

#include <limits>

using namespace orch;

namespace {

constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
const WatchKey job1{WatchKind::job, 1}, job2{WatchKind::job, 2};

WatchKey node(std::uint32_t number) { return {WatchKind::node_allocations, number}; }

struct Hub : WatchHub {
  int calls = 0;
  void wait_for(const std::vector<WatchKey>& keys, LogIndex seen = 0, std::int64_t deadline = never) {
    wait(keys, seen, deadline, [this] { ++calls; });
  }
};

}  // namespace

TEST_CASE("a waiter is called by a touch of one of its keys, once") {
  Hub hub;
  hub.wait_for({job1, job2});
  hub.touch({{WatchKind::job, 3}}, 1, 0);
  CHECK(hub.calls == 0);
  hub.touch({job2, job1, job2}, 2, 0);
  CHECK(hub.calls == 1);
  hub.touch({job1}, 3, 0);
  CHECK(hub.calls == 1);
}

TEST_CASE("a change that came before the waiter is not missed, one that it has seen does not wake it") {
  Hub hub;
  hub.touch({job1}, 5, 0);
  hub.wait_for({job1}, 4);
  CHECK(hub.calls == 1);
  hub.wait_for({job1}, 5);
  CHECK(hub.calls == 1);
  CHECK(hub.anyone_waits({job1}));
  CHECK_FALSE(hub.anyone_waits({job2}));
}

TEST_CASE("a waiter is called at its deadline, and then no touch finds it") {
  Hub hub;
  hub.wait_for({job1}, 0, 100);
  hub.wait_for({job1}, 0, 50);
  CHECK(hub.next_deadline() == 50);
  hub.expire(49);
  CHECK(hub.calls == 0);
  hub.expire(50);
  CHECK(hub.calls == 1);
  CHECK(hub.next_deadline() == 100);
  hub.expire(100);
  hub.touch({job1}, 1, 100);
  CHECK(hub.calls == 2);
  CHECK(hub.next_deadline() == never);
}

TEST_CASE("after the end nobody waits") {
  Hub hub;
  hub.wait_for({job1});
  hub.close();
  CHECK(hub.calls == 1);
  hub.wait_for({job1});
  CHECK(hub.calls == 2);
  CHECK(hub.closed());
}

TEST_CASE("in a small cluster no node client is held") {
  Hub hub;
  for (int turn = 1; turn < 10; ++turn) {
    hub.wait_for({node(1)}, static_cast<LogIndex>(turn - 1));
    hub.touch({node(1)}, static_cast<LogIndex>(turn), 0);
    CHECK(hub.calls == turn);
  }
}

TEST_CASE("in a burst node clients wait until those before them can have been served, others don't") {
  Hub hub;
  constexpr std::uint32_t many = 100;
  std::vector<WatchKey> all;
  for (std::uint32_t n = 0; n < many; ++n) all.push_back(node(n));
  for (const WatchKey& key : all) hub.wait_for({key});
  hub.touch(all, 1, 1'000);
  CHECK(hub.calls == many);
  hub.wait_for({all[0]}, 1);
  hub.wait_for({all[1]}, 1);
  hub.wait_for({job1}, 1);
  hub.touch({all[0], job1}, 2, 2'000);
  CHECK(hub.calls == many + 1);  // the job's
  hub.wait_for({all[2]}, 0);     // has missed a change: it is held as well
  CHECK(hub.calls == many + 1);
  const std::int64_t end = hub.next_deadline();
  REQUIRE(end > 2'000);
  REQUIRE(end < never);
  hub.expire(end);
  CHECK(hub.calls == many + 3);  // whose key was touched, and who came late; not the one without news
  hub.touch({all[1]}, 3, end);   // three are few: the pause is over
  CHECK(hub.calls == many + 4);
}

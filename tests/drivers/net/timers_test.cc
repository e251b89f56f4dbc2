#include "drivers/net/timers.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <thread>

#include "tests/drivers/net/gate.h"

using namespace orch;
using net::boot_time;
using net::Pool;
using net::Strand;
using net::Timers;
using test::Gate;

namespace {

struct Clockwork {
  Pool pool{{.threads = 2}};
  Strand strand{pool};
  Timers timers{pool, strand};

  /// Runs `then` while the strand is held up and the timer "due" stands in its line.
  template <class F>
  void while_due(F&& then) {
    {
      Gate both;  // so that the pool has a thread for the timer while the strand has the other
      for (int i = 0; i < 2; ++i) REQUIRE(pool.run([&] { both.pass(); }));
      both.wait_for(2);
      both.open();
      CHECK(pool.drain(minutes(1)) == 0);
    }
    Gate gate;
    REQUIRE(strand.post([&] { gate.pass(); }));
    gate.wait_for(1);
    const std::size_t before = strand.unfinished();
    timers.set("due", Elapsed{1}, [this] { ran += "due "; });
    while (strand.unfinished() == before) std::this_thread::yield();
    then();
    gate.open();
    CHECK(pool.drain(minutes(1)) == 0);
  }

  std::string ran;  // the strand's
};

}  // namespace

TEST_CASE("a timer runs its function on the strand, not before its time") {
  Clockwork clock;
  Gate gate;
  gate.open();
  const Elapsed due = boot_time() + milliseconds(3);
  Elapsed at{};
  clock.timers.set("a", due, [&] {
    at = boot_time();
    gate.pass();
  });
  gate.wait_for(1);
  CHECK(at >= due);
  CHECK(clock.timers.size() == 0);
}

TEST_CASE("timers run in the order of their times") {
  Clockwork clock;
  Gate gate;
  gate.open();
  const Elapsed now = boot_time();
  clock.timers.set("never", Elapsed::never(), [&] { clock.ran += "never "; });
  clock.timers.set("late", now + milliseconds(40), [&] {
    clock.ran += "late ";
    gate.pass();
  });
  clock.timers.set("soon", now + milliseconds(20), [&] { clock.ran += "soon "; });
  gate.wait_for(1);
  CHECK(clock.pool.drain(minutes(1)) == 0);
  CHECK(clock.ran == "soon late ");
  CHECK(clock.timers.size() == 1);
}

TEST_CASE("a later timer of the same name replaces the earlier one") {
  Clockwork clock;
  Gate gate;
  gate.open();
  clock.timers.set("a", boot_time() + hours(1), [&] { clock.ran += "first "; });
  clock.timers.set("a", Elapsed{}, [&] {
    clock.ran += "second ";
    gate.pass();
  });
  gate.wait_for(1);
  CHECK(clock.pool.drain(minutes(1)) == 0);
  CHECK(clock.ran == "second ");
  CHECK(clock.timers.size() == 0);
}

TEST_CASE("a timer that is due but has not begun can be cancelled") {
  Clockwork clock;
  clock.while_due([&] { clock.timers.cancel("due"); });
  CHECK(clock.ran.empty());
}

TEST_CASE("a timer that is due but has not begun can be replaced") {
  Clockwork clock;
  clock.while_due([&] { clock.timers.set("due", boot_time() + hours(1), [&] { clock.ran += "new "; }); });
  CHECK(clock.ran.empty());
  CHECK(clock.timers.size() == 1);
}

TEST_CASE("a timer's function may set it again") {
  Clockwork clock;
  Gate gate;
  gate.open();
  clock.timers.set("a", Elapsed{}, [&] { clock.timers.set("a", Elapsed{}, [&] { gate.pass(); }); });
  gate.wait_for(1);
}

TEST_CASE("a stop cancels all timers, also those that are due, and no timer can be set after it") {
  Clockwork clock;
  clock.while_due([&] {
    clock.timers.set("later", boot_time() + hours(1), [&] { clock.ran += "later "; });
    clock.timers.stop();
    clock.timers.set("after", Elapsed{}, [&] { clock.ran += "after "; });
  });
  CHECK(clock.ran.empty());
  CHECK(clock.timers.size() == 0);
}

TEST_CASE("what a timer holds is let go when it is cancelled") {
  Clockwork clock;
  auto held = std::make_shared<int>(1);
  const std::weak_ptr<int> weak = held;
  clock.timers.set("a", boot_time() + hours(1), [held = std::move(held)] {});
  CHECK_FALSE(weak.expired());
  clock.timers.cancel("a");
  CHECK(weak.expired());
  clock.timers.cancel("a");
}

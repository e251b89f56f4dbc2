#include "drivers/server/heartbeats.h"

#include <doctest/doctest.h>

#include <limits>
#include <random>

#include "core/loop/loop.h"

using namespace orch;
using Names = std::vector<std::string>;

namespace {

constexpr std::int64_t second = seconds(1).ns;
constexpr Duration life = seconds(20);

}  // namespace

TEST_CASE("a node that is not heard of for its time is told once") {
  Heartbeats heartbeats(life);
  heartbeats.heard("a", 0, {100});
  heartbeats.heard("b", 0, {50});
  CHECK(heartbeats.next_deadline() == 50);
  CHECK(heartbeats.take_silent(49).empty());
  CHECK(heartbeats.take_silent(50) == Names{"b"});
  CHECK(heartbeats.take_silent(60).empty());
  CHECK_FALSE(heartbeats.hear_known("b", 60, {100}));
  CHECK(heartbeats.hear_known("a", 60, {100}));
}

TEST_CASE("each beat gives the whole time again") {
  Heartbeats heartbeats(life);
  heartbeats.heard("a", 0, {100});
  heartbeats.heard("a", 90, {100});
  CHECK(heartbeats.next_deadline() == 190);
  CHECK(heartbeats.take_silent(189).empty());
  CHECK(heartbeats.take_silent(190) == Names{"a"});
  CHECK(heartbeats.next_deadline() == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("hearing a node never brings its deadline nearer") {
  Heartbeats heartbeats(life);
  heartbeats.heard("a", 0, {100});
  heartbeats.heard("a", 10, {1});
  CHECK(heartbeats.take_silent(99).empty());
  CHECK(heartbeats.take_silent(100) == Names{"a"});
}

TEST_CASE("a node that was told silent stays unknown until it registers") {
  Heartbeats heartbeats(life);
  heartbeats.heard("a", 0, {100});
  REQUIRE(heartbeats.take_silent(100) == Names{"a"});
  CHECK_FALSE(heartbeats.hear_known("a", 101, {100}));
  CHECK(heartbeats.take_silent(1000).empty());
  heartbeats.heard("a", 1000, {100});
  CHECK(heartbeats.hear_known("a", 1001, {100}));
}

TEST_CASE("after a pause of the process nobody is judged before all had their grace once more") {
  for (const bool beat_before_look : {false, true}) {
    CAPTURE(beat_before_look);
    Heartbeats heartbeats(life);
    for (std::int64_t now = 0; now <= 15 * second; now += second) {
      if (now == 0) heartbeats.heard("alive", now, life), heartbeats.heard("dead", now, life);
      REQUIRE(heartbeats.take_silent(now).empty());
    }
    // Stopped for 30 s; whichever thread comes first afterwards.
    const std::int64_t awake = 45 * second;
    if (beat_before_look) CHECK(heartbeats.hear_known("alive", awake, life));
    CHECK(heartbeats.take_silent(awake).empty());
    for (std::int64_t now = awake; now < awake + life.ns; now += second) {
      if (now == awake + 15 * second) CHECK(heartbeats.hear_known("alive", now, life));
      CHECK(heartbeats.take_silent(now).empty());
    }
    CHECK(heartbeats.next_deadline() == awake + life.ns);
    CHECK(heartbeats.take_silent(awake + life.ns) == Names{"dead"});
  }
}

TEST_CASE("whatever pauses a server makes, no node that beats while it runs is told, and one that is dead is") {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937 random(seed);
    Heartbeats heartbeats(life);
    std::int64_t now = 0;
    heartbeats.heard("alive", now, life);
    heartbeats.heard("dead", now, life);
    std::int64_t beat_due = 0, ran = 0;
    bool dead_told = false;
    // A client that gets no answer gives up after ten seconds and tries again within five.
    while (ran < 400 * second) {
      const bool pauses = random() % 40 == 0;
      const std::int64_t step = pauses ? static_cast<std::int64_t>(random() % 100'000) * 1'000'000
                                       : static_cast<std::int64_t>(random() % 1'000) * 1'000'000;
      now += step;
      ran += std::min(step, longest_step.ns);
      if (step > longest_step.ns) beat_due = now + static_cast<std::int64_t>(random() % 15'000) * 1'000'000;
      if (now >= beat_due) {
        REQUIRE(heartbeats.hear_known("alive", now, life));
        beat_due = now + 5 * second;
      }
      for (const std::string& silent : heartbeats.take_silent(now)) {
        REQUIRE(silent == "dead");
        dead_told = true;
      }
    }
    // With no further pause it is told after its grace at the latest.
    for (int i = 0; i < 21 && !dead_told; ++i) {
      now += second;
      REQUIRE(heartbeats.hear_known("alive", now, life));
      for (const std::string& silent : heartbeats.take_silent(now)) dead_told = dead_told || silent == "dead";
    }
    CHECK(dead_told);
  }
}

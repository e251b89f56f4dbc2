// Who takes a turn, told as a story of writers that come and go.
#include "drivers/server/baton.h"

#include <doctest/doctest.h>

#include <limits>

using namespace orch;

namespace {

constexpr std::int64_t quick = 200'000, slow = 20'000'000;  // ns that a turn takes

struct Story {
  Baton baton;

  /// Somebody takes the loop, takes a turn with so many submissions, and lets go.
  void turn(std::size_t submissions, bool more = false, std::int64_t ns = quick) {
    baton.take();
    baton.turn_taken(submissions, more);
    baton.turn_lasted(ns);
    baton.let_go();
  }
  bool lone_writer_may_take() const { return baton.may_take(1, 0); }
};

}  // namespace

TEST_CASE("the first writer is alone and takes the turn itself") { CHECK(Story().lone_writer_may_take()); }

TEST_CASE("nobody takes the loop from who has it") {
  Story story;
  story.baton.take();
  CHECK(story.baton.held());
  CHECK_FALSE(story.lone_writer_may_take());
  story.baton.turn_taken(1, false);
  CHECK_FALSE(story.lone_writer_may_take());  // a turn's end is not the holder's
  story.baton.let_go();
  CHECK(story.lone_writer_may_take());
}

TEST_CASE("a writer is not alone beside another submission or a question") {
  const Story story;
  CHECK_FALSE(story.baton.may_take(2, 0));
  CHECK_FALSE(story.baton.may_take(1, 1));
}

TEST_CASE("after a turn for several, two lone turns show that it is quiet again") {
  Story story;
  story.turn(2);
  CHECK_FALSE(story.lone_writer_may_take());
  CHECK_FALSE(story.baton.lone());
  story.turn(1);
  CHECK_FALSE(story.lone_writer_may_take());
  story.turn(0);  // an idle turn counts: nobody came
  CHECK(story.lone_writer_may_take());
  CHECK(story.baton.lone());
}

TEST_CASE("what a turn has left to do comes before the next writer") {
  Story story;
  story.turn(1, true);
  CHECK(story.baton.more());
  CHECK_FALSE(story.lone_writer_may_take());
  story.turn(0, false);
  CHECK(story.lone_writer_may_take());
}

TEST_CASE("a recovery says anew whether there is something to do") {
  Story story;
  story.turn(1, true);
  story.baton.set_more(false);
  CHECK(story.lone_writer_may_take());
  story.baton.set_more(true);
  CHECK_FALSE(story.lone_writer_may_take());
}

TEST_CASE("a slow disk sends writers to the loop's thread, and a quick one brings them back") {
  Story story;
  story.turn(1, false, slow);
  CHECK_FALSE(story.lone_writer_may_take());
  int turns = 0;
  while (!story.lone_writer_may_take()) {
    story.turn(1);
    REQUIRE(++turns < 20);
  }
  CHECK(turns > 1);  // one quick turn is no proof
}

TEST_CASE("who leaves the loop wakes its thread only when there is something for it") {
  constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
  Story story;
  story.baton.thread_sleeps_until(1'000);
  CHECK_FALSE(story.baton.wakes_thread(false, never));
  CHECK_FALSE(story.baton.wakes_thread(false, 1'000));  // it wakes by itself in time
  CHECK(story.baton.wakes_thread(false, 999));
  CHECK(story.baton.wakes_thread(true, never));
  story.baton.thread_waits(true);
  CHECK(story.baton.wakes_thread(false, never));
  story.baton.thread_waits(false);
  story.turn(1, true);
  CHECK(story.baton.wakes_thread(false, never));
}

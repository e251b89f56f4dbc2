#include "drivers/server/heartbeats.h"

#include <doctest/doctest.h>

#include <limits>

using namespace orch;

TEST_CASE("a node that is not heard of for its time is told once") {
  Heartbeats heartbeats;
  heartbeats.heard("a", 0, {100});
  heartbeats.heard("b", 0, {50});
  CHECK(heartbeats.next_deadline() == 50);
  CHECK(heartbeats.take_silent(49).empty());
  CHECK(heartbeats.take_silent(50) == std::vector<std::string>{"b"});
  CHECK(heartbeats.take_silent(60).empty());
  CHECK_FALSE(heartbeats.known("b"));
  CHECK(heartbeats.known("a"));
}

TEST_CASE("each beat gives the whole time again") {
  Heartbeats heartbeats;
  heartbeats.heard("a", 0, {100});
  heartbeats.heard("a", 90, {100});
  CHECK(heartbeats.next_deadline() == 190);
  CHECK(heartbeats.take_silent(189).empty());
  CHECK(heartbeats.take_silent(190) == std::vector<std::string>{"a"});
  CHECK(heartbeats.next_deadline() == std::numeric_limits<std::int64_t>::max());
}

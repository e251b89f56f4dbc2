#include "drivers/server/counter.h"

#include <doctest/doctest.h>

using namespace orch;

TEST_CASE("the last whole interval is shown, and nothing older") {
  constexpr std::int64_t interval = Counter::interval_ns;
  Counter counter;
  counter.add(2, 0);
  counter.add(3, interval - 1);
  CHECK(counter.last_interval(interval - 1) == 0);  // it is not over
  CHECK(counter.last_interval(interval) == 5);
  counter.add(7, interval);
  CHECK(counter.last_interval(2 * interval - 1) == 5);
  CHECK(counter.last_interval(2 * interval) == 7);
  CHECK(counter.last_interval(4 * interval) == 0);  // nothing happened in the third
  CHECK(counter.total() == 12);
}

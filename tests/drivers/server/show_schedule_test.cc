// When rows are written: for lone writers together, for readers at once.
#include "drivers/server/show_schedule.h"

#include <doctest/doctest.h>

using namespace orch;

namespace {

constexpr std::int64_t begin = 1'000'000'000;  // of the first turn
constexpr std::int64_t ms = 1'000'000;
constexpr bool lone = true, crowd = false, watched = true, unwatched = false;

/// A turn at `begin` has left rows.
ShowSchedule with_rows() {
  ShowSchedule schedule;
  schedule.left_unshown(begin);
  return schedule;
}

}  // namespace

TEST_CASE("where all is shown nothing is due, whoever asks") {
  const ShowSchedule schedule;
  CHECK(schedule.all_shown());
  CHECK_FALSE(schedule.due(begin, crowd, watched));
  CHECK(schedule.next_look_ns() == ShowSchedule::never);
}

TEST_CASE("a lone writer's rows wait for the next turns', and no longer than the limit") {
  ShowSchedule schedule = with_rows();
  CHECK_FALSE(schedule.due(begin, lone, unwatched));
  schedule.left_unshown(begin + 4 * ms);
  CHECK_FALSE(schedule.due(begin + 5 * ms, lone, unwatched));
  CHECK(schedule.due(begin + 5 * ms + 1, lone, unwatched));  // the oldest turn counts, not the last
}

TEST_CASE("rows are written at the turn's end in a crowd, and when somebody watches") {
  CHECK(with_rows().due(begin, crowd, unwatched));
  CHECK(with_rows().due(begin, lone, watched));
}

TEST_CASE("a reader that waits has the rows written at the end of the turn") {
  ShowSchedule schedule = with_rows();
  schedule.reader_waits();
  CHECK(schedule.due(begin, lone, unwatched));
  schedule.begin();
  schedule.left_unshown(begin + ms);
  CHECK_FALSE(schedule.due(begin + ms, lone, unwatched));  // it has them: the next turn's rows are not for it
}

TEST_CASE("without another turn a thread looks after twice the limit") {
  ShowSchedule schedule = with_rows();
  CHECK(schedule.next_look_ns() == begin + 10 * ms);
  schedule.begin();
  CHECK(schedule.all_shown());
  CHECK(schedule.next_look_ns() == ShowSchedule::never);
}

TEST_CASE("a store without room is tried again after a pause, but at once in a crowd") {
  ShowSchedule schedule = with_rows();
  schedule.begin();
  schedule.failed(begin + ms);
  CHECK_FALSE(schedule.all_shown());
  schedule.left_unshown(begin + 2 * ms);  // a turn meanwhile does not shorten the pause
  CHECK_FALSE(schedule.due(begin + 200 * ms, lone, unwatched));
  CHECK(schedule.due(begin + 207 * ms, lone, unwatched));
  CHECK(schedule.next_look_ns() == begin + 211 * ms);
  CHECK(schedule.due(begin + 2 * ms, crowd, unwatched));
}

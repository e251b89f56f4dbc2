#include "core/base/duration_text.h"

#include <doctest/doctest.h>

#include <limits>

#include "tests/sim/dice.h"

using namespace orch;

TEST_CASE("durations read as Nomad's") {
  CHECK(duration_text({0}) == "0s");
  CHECK(duration_text({1'023'935'056}) == "1.023935056s");
  CHECK(duration_text(minutes(5)) == "5m0s");
  CHECK(duration_text(milliseconds(15'200)) == "15.2s");
  CHECK(duration_text(hours(25) + seconds(1)) == "25h0m1s");
  CHECK(duration_text(milliseconds(-500)) == "-500ms");
  CHECK(duration_text({1'500}) == "1.5µs");
  CHECK(duration_text({7}) == "7ns");
}

TEST_CASE("what is printed reads back as the same duration") {
  sim::Dice dice(1);
  for (int i = 0; i < 10'000; ++i) {
    const std::int64_t most = std::int64_t{1} << dice.between(1, 62);
    const Duration duration{dice.between(-most, most)};
    CAPTURE(duration.ns);
    CHECK(parse_duration_text(duration_text(duration)) == duration);
  }
}

TEST_CASE("what is no duration is none") {
  for (const char* text : {"", "-", "5", "5 s", "s", "1.s.", "5parsecs", "1h-5m", "9223372037s", "293y"}) {
    CAPTURE(text);
    CHECK(!parse_duration_text(text));
  }
  CHECK(parse_duration_text("0") == Duration{});
  CHECK(parse_duration_text("1.5h") == minutes(90));
  CHECK(parse_duration_text(".5s") == milliseconds(500));
}

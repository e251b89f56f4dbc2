// Instants as text: the calendar's edges and the fraction's zeros.
#include "core/base/time_text.h"

#include <doctest/doctest.h>

#include <limits>

namespace orch {
namespace {

constexpr std::int64_t second = 1'000'000'000, day = 86'400 * second;

TEST_CASE("zero is Go's zero time, not 1970") {
  CHECK(rfc3339({0}) == "0001-01-01T00:00:00Z");
  CHECK(rfc3339({1}) == "1970-01-01T00:00:00.000000001Z");
}

TEST_CASE("the fraction ends at its last digit that is not zero") {
  CHECK(rfc3339({1795461534752000000}) == "2026-11-23T19:18:54.752Z");
  CHECK(rfc3339({1795461534000000000}) == "2026-11-23T19:18:54Z");
  CHECK(rfc3339({1795461534000000010}) == "2026-11-23T19:18:54.00000001Z");
}

TEST_CASE("an instant before 1970 belongs to the day that it lies in") {
  CHECK(rfc3339({-1}) == "1969-12-31T23:59:59.999999999Z");
  CHECK(rfc3339({-day}) == "1969-12-31T00:00:00Z");
}

TEST_CASE("leap days come every fourth year, and not in 1900 and 2100") {
  CHECK(rfc3339({11'016 * day}) == "2000-02-29T00:00:00Z");
  CHECK(rfc3339({47'540 * day}) == "2100-02-28T00:00:00Z");
  CHECK(rfc3339({47'541 * day}) == "2100-03-01T00:00:00Z");
}

TEST_CASE("all that 64 bits can say has four digits of year") {
  CHECK(rfc3339({std::numeric_limits<std::int64_t>::max()}) == "2262-04-11T23:47:16.854775807Z");
  CHECK(rfc3339({std::numeric_limits<std::int64_t>::min()}) == "1677-09-21T00:12:43.145224192Z");
}

TEST_CASE("a text is read back, and only as it is written") {
  for (const std::int64_t ns : {std::int64_t{0}, std::int64_t{1}, std::int64_t{-1}, 11'016 * day, -day,
                                std::int64_t{1795461534752000000}, std::int64_t{1795461534000000010}}) {
    CHECK(parse_rfc3339(rfc3339({ns})) == WallTime{ns});
  }
  for (const char* text :
       {"", "2026", "2026-11-23T19:18:54", "2026-02-30T00:00:00Z", "2026-11-23T19:18:54+01:00", "2026-11-23T25:18:54Z",
        "2026-11-23T19:18:54.100Z", "2026-11-23T19:18:54.Z", "9999-01-01T00:00:00Z", "0001-01-02T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-11-23 19:18:54Z", "2026-11-23T19:18:54.1234567891Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

}  // namespace
}  // namespace orch

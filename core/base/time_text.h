// Wall time as text, by arithmetic alone (no time zone, no locale): proleptic Gregorian, UTC.
#pragma once

#include <string>

#include "core/base/time.h"

namespace orch {

/// "2026-11-23T19:34:10.228443065Z" without trailing zeros of the fraction; 0 is "0001-01-01T00:00:00Z", as Go's zero.
std::string rfc3339(WallTime time);

struct CivilTime {
  int year, month, day, hour, minute, second;
  std::int64_t nanosecond;
};
/// Days are counted as in Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms".
CivilTime civil(WallTime time);

}  // namespace orch

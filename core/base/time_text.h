// Wall time as text: proleptic Gregorian, UTC, by the arithmetic of <chrono>'s calendar alone (no time zone, no locale,
// no clock, which tests/tidy/purity.py proves).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/base/time.h"

namespace orch {

/// "2026-11-23T19:34:10.228443065Z" without trailing zeros of the fraction; 0 is "0001-01-01T00:00:00Z", as Go's zero.
/// Years have four digits: what 64 bits of nanoseconds can say is 1677 to 2262.
std::string rfc3339(WallTime time);

/// What `rfc3339` writes, read back; nothing for any other text (another time zone, a day that is not).
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace orch

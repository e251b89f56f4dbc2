// Time as data. core never asks a clock: it is handed two kinds of time, and the types keep them apart.
//
// WallTime is stamped on each record group, for display, cron and `-at`; it may step back and nothing expires by it.
// Elapsed is the leader's monotonic time summed over the log; every deadline counts it (design, decision 5).
// Duration is a length in either. All are nanoseconds in 64 bits, which is what Nomad's JSON carries.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

namespace orch {

struct Duration {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const Duration&) const = default;
  constexpr Duration operator+(Duration o) const { return {ns + o.ns}; }
  constexpr Duration operator-(Duration o) const { return {ns - o.ns}; }
  constexpr Duration operator*(std::int64_t k) const { return {ns * k}; }
};

constexpr Duration milliseconds(std::int64_t n) { return {n * 1'000'000}; }
constexpr Duration seconds(std::int64_t n) { return {n * 1'000'000'000}; }
constexpr Duration minutes(std::int64_t n) { return seconds(n * 60); }
constexpr Duration hours(std::int64_t n) { return seconds(n * 3600); }

/// Nanoseconds since 1970-01-01T00:00:00Z; 0 means "never".
struct WallTime {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const WallTime&) const = default;
};

/// Nanoseconds that a leader has counted since the log began.
struct Elapsed {
  std::int64_t ns = 0;
  constexpr auto operator<=>(const Elapsed&) const = default;
  constexpr Elapsed operator+(Duration d) const { return {ns + d.ns}; }
  constexpr Duration operator-(Elapsed o) const { return {ns - o.ns}; }
  static constexpr Elapsed never() { return {std::numeric_limits<std::int64_t>::max()}; }
};

}  // namespace orch

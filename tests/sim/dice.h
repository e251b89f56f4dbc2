// The simulator's only source of chance: splitmix64, the same on every machine and with every compiler.
// At most one throw in a call's arguments: in which order they are evaluated is the compiler's choice.
#pragma once

#include <cstdint>

namespace orch::sim {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// In [0, n).
  std::int64_t below(std::int64_t n) { return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(n)); }
  /// In [from, to].
  std::int64_t between(std::int64_t from, std::int64_t to) { return from + below(to - from + 1); }
  bool one_in(std::int64_t n) { return below(n) == 0; }
  /// In [0, 1).
  double fraction() { return static_cast<double>(next() >> 11) / 9007199254740992.0; }

 private:
  std::uint64_t state_;
};

}  // namespace orch::sim

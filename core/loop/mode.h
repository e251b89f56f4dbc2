// What the loop may do now: five modes, and what leads from one to another.
//
//                recovered          no room for rows
//   unrecovered ───────────> running <────────────> behind
//                             ^   │     room again
//        the log took a group │   │ the log refused what the state holds
//                             │   v
//                       careful <─── lost
//                           recovered
//
// Beside these: the first group that a careful loop gets into the log may find the read models without room (careful →
// behind), and an append whose outcome is unknown makes the state useless: lost when the loop was careful, else (it had
// just got another group in) unrecovered. `Loop::recover` may be called in any mode and begins in one of those two.
#pragma once

#include <cstdint>

namespace orch {

enum class LoopMode : std::uint8_t {
  unrecovered,  ///< no state yet, or one that may not be the log's: only `recover` helps
  lost,         ///< the state is ahead of a log that refuses: only `recover` helps, and the loop is careful then
  running,      ///< applies first, then appends: a registration and its plan share one flush
  behind,       ///< the read models had no room: nothing new is taken until they have caught up
  careful,      ///< appends first, then applies what the log took; what it took before is shown
};

constexpr bool needs_recovery(LoopMode mode) { return mode == LoopMode::unrecovered || mode == LoopMode::lost; }

/// Whether the loop remembers that the log refused, so that it is careful once it has recovered.
constexpr bool remembers_refusal(LoopMode mode) { return mode == LoopMode::lost || mode == LoopMode::careful; }

constexpr bool may_become(LoopMode from, LoopMode to) {
  using enum LoopMode;
  if (from == to) return true;
  switch (from) {
    case unrecovered:
      return to == running;
    case lost:
      return to == careful;
    case running:
      return to == behind || to == lost || to == unrecovered;
    case behind:
      return to == running || to == unrecovered;
    case careful:
      return to == running || to == behind || to == lost;
  }
  return false;
}

}  // namespace orch

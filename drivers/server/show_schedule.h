// When the rows that turns left in memory are written: the views may lag behind the log, but not for long, and never
// for somebody who waits.
//
// While writers come one by one, several turns' rows are written together, `longest` after the oldest of them; that is
// what makes a lone write cheap (docs/decisions/0013-answers-come-before-rows.md). A reader has them written at once.
// In a burst each turn writes its own. When the store has no room it is tried again after a pause.
//
// Not thread-safe, no clock of its own: guarded by its owner's mutex. Times are nanoseconds of the monotonic clock.
#pragma once

#include <cstdint>
#include <limits>

#include "core/base/assert.h"
#include "core/base/time.h"

namespace orch {

class ShowSchedule {
 public:
  /// Rows that nobody waits for are written this much later.
  static constexpr Duration longest = milliseconds(5);
  /// A store that had no room is left alone for this long.
  static constexpr Duration after_failure = milliseconds(200);
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  /// A turn that began at `now_ns` has left rows that the views don't show.
  void left_unshown(std::int64_t now_ns) {
    ORCH_ASSERT(now_ns > 0, "the monotonic clock has begun");
    if (since_ns_ == 0) since_ns_ = now_ns;
  }
  /// A reader waits for what is unshown.
  void reader_waits() { reader_waits_ = true; }

  /// At the end of a turn that began at `now_ns`: whether its rows, and those before, are to be written now. `lone`:
  /// the next turn is likely to be a lone writer's too; `watched`: a blocking query waits for what has changed.
  bool due(std::int64_t now_ns, bool lone, bool watched) const {
    return since_ns_ != 0 && (!lone || watched || reader_waits_ || now_ns - since_ns_ > longest.ns);
  }
  /// When a thread must look even though no turn comes; `never` when the views show all. Twice the time, so that a turn
  /// that comes meanwhile does it on its way.
  std::int64_t next_look_ns() const { return since_ns_ == 0 ? never : since_ns_ + 2 * longest.ns; }

  /// The rows are being written; who comes from here on waits for the next time.
  void begin() {
    since_ns_ = 0;
    reader_waits_ = false;
  }
  /// They could not be: there was no room.
  void failed(std::int64_t now_ns) { since_ns_ = now_ns + after_failure.ns; }

  bool all_shown() const { return since_ns_ == 0; }

 private:
  std::int64_t since_ns_ = 0;  // when the oldest turn was that the views don't show; 0: they show all
  bool reader_waits_ = false;
};

}  // namespace orch

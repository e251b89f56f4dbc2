// The projection of a running server: passes everything on to the views, and notes which watch keys a turn touches.
//
// What was noted is told to the hub when its rows are written (`flush`), never before: who is woken must find them.
// While the log is folded at start nobody watches, and nothing is noted (`begin`). Called by whoever has the loop only;
// what it refers to outlives it.
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "drivers/server/snapshotter.h"
#include "drivers/server/watch_hub.h"
#include "projections/views.h"

namespace orch {

class WatchNotes final : public ProjectionPort {
 public:
  /// `shown` is kept at the index up to which the views show what happened; readers look at it from any thread.
  WatchNotes(Views& views, WatchHub& hub, Snapshotter& snapshots, std::atomic<LogIndex>& shown)
      : views_(views), hub_(hub), snapshots_(snapshots), shown_(shown) {}

  void fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) override;
  bool flush() override;
  void discard() override;

  /// Whether somebody waits for what was folded since the last flush.
  bool anyone_waits() const;

  /// From now on changes are noted.
  void begin() { noting_ = true; }

 private:
  void note(const State& state, const Event& event);
  void allocation(const State& state, std::uint32_t n);
  void add(WatchKind all, WatchKind one, std::uint32_t number);

  Views& views_;
  WatchHub& hub_;
  Snapshotter& snapshots_;
  std::atomic<LogIndex>& shown_;
  bool noting_ = false;
  LogIndex index_ = 0;  // of the last group that was folded
  std::vector<WatchKey> keys_;
};

}  // namespace orch

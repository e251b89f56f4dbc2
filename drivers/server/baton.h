// Who has the loop, and whether who brings work may take it: the rules of `Server`'s threads, without threads.
//
// The state that the loop owns has one owner at a time: whoever holds the baton. Mostly that is the loop's own thread.
// A writer that is alone takes the turn on its own thread instead, which spares it two crossings between threads; it
// may when nobody else has anything to do, the last turns were lone ones too, and turns have been quick lately (a slow
// disk must not hold up an I/O thread that reads for others).
//
// Always holds: one holder at most; only who holds the baton ends a turn or lets go. Not thread-safe: guarded by its
// owner's mutex, which also tells the loop's thread (`wakes_thread`). Times are nanoseconds of the monotonic clock.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/base/assert.h"
#include "core/base/time.h"

namespace orch {

class Baton {
 public:
  /// A writer takes the turn itself only while turns take less than this on average.
  static constexpr Duration quick_turn = milliseconds(2);

  bool held() const { return held_; }

  void take() {
    ORCH_ASSERT(!held_, "one thread at a time has the loop");
    held_ = true;
  }
  void let_go() {
    ORCH_ASSERT(held_, "only who has the loop leaves it");
    held_ = false;
  }

  /// The holder has taken a turn with so many submissions, which has left something to do or not.
  void turn_taken(std::size_t submissions, bool more) {
    ORCH_ASSERT(held_, "a turn is taken by who has the loop");
    lone_turns_ = submissions < 2 ? lone_turns_ + 1 : 0;
    more_ = more;
  }
  /// How long it took, rows included: an average in which the last four turns weigh most.
  void turn_lasted(std::int64_t ns) {
    ORCH_ASSERT(ns >= 0, "the monotonic clock does not go back");
    turn_ns_ += (ns - turn_ns_) / 4;
  }
  /// What is left to do is known anew without a turn: after a recovery.
  void set_more(bool more) { more_ = more; }

  /// The last turn left something to do.
  bool more() const { return more_; }
  /// Nobody seems to write at the same time as another: the last two turns had one submission at most and left nothing.
  bool lone() const { return lone_turns_ >= lone_turns_needed && !more_; }

  /// Whether the thread that has just brought a submission may take the turn itself. So many lie ready, its own
  /// included, and so many questions that wait for the loop's thread.
  bool may_take(std::size_t submissions, std::size_t questions) const {
    return !held_ && submissions == 1 && questions == 0 && lone() && turn_ns_ < quick_turn.ns;
  }

  // The loop's thread.

  /// It sleeps until then unless it is woken.
  void thread_sleeps_until(std::int64_t ns) { sleeps_until_ns_ = ns; }
  /// It waits for the holder to let go.
  void thread_waits(bool waits) {
    ORCH_ASSERT(waits != thread_waits_, "the loop's thread begins to wait once and ends once");
    thread_waits_ = waits;
  }
  /// Whether another thread that lets go must wake it: there is work, it waits already, or something is due before it
  /// would wake by itself.
  bool wakes_thread(bool work, std::int64_t next_due_ns) const {
    return work || more_ || thread_waits_ || next_due_ns < sleeps_until_ns_;
  }

 private:
  static constexpr std::uint64_t lone_turns_needed = 2;

  bool held_ = false;
  bool more_ = false;
  bool thread_waits_ = false;
  std::int64_t sleeps_until_ns_ = 0;
  std::int64_t turn_ns_ = 0;
  std::uint64_t lone_turns_ = lone_turns_needed;  // who comes first is alone
};

}  // namespace orch

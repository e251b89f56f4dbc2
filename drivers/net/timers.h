// Timers by name: each runs a function on a strand once the machine's clock has reached its time.
//
// Time is CLOCK_BOOTTIME, which goes on while the machine sleeps. Asio waits by a clock that stands still then, so a
// timer that came due during a sleep fires at most a minute after the machine woke. A thread of the pool that has
// nothing else to do notices that a timer is due, and the pool doesn't grow for that: a pool with timers has short
// jobs.
//
// Threads: any. Lifetime: the strand, and the pool it runs on, outlive the timers; that pool always has room for the
// strand, since a function that it refuses is lost. A timer that is cancelled or
// replaced before its function has begun never runs it, also when it is due already. `stop` (and the destructor)
// cancels all; afterwards `set` does nothing. A function that has begun is not waited for: that is the pool's `stop`.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "core/base/time.h"
#include "drivers/net/strand.h"

namespace orch::net {

/// CLOCK_BOOTTIME, read now.
Elapsed boot_time();

class Timers {
 public:
  Timers(Pool& pool, Strand& strand);
  ~Timers();  ///< stops
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  /// Posts `job` to the strand once boot_time() has reached `due`; replaces an earlier timer of the same name.
  void set(const std::string& name, Elapsed due, Pool::Job job);
  void cancel(const std::string& name);

  void stop();  ///< idempotent

  /// Timers that are set and whose function has not begun.
  std::size_t size() const;

 private:
  struct State;  // shared with the waits under way
  std::shared_ptr<State> state_;
};

}  // namespace orch::net

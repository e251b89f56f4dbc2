// Threads for calls that block: driver starts, waits and stops, engine queries.
//
// A job gets an idle thread or a new one, never a place in a queue: a pull of minutes must not hold up another task's
// stop. Idle threads end after a while. `run` may be called from any thread, also from a job.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "core/base/time.h"

namespace orch::net {

class BlockingPool {
 public:
  BlockingPool();
  /// Waits for the jobs under way; see `drain` for a bounded wait.
  ~BlockingPool();

  void run(std::function<void()> job);

  /// Waits until no job runs, at most this long; answers how many still do.
  std::size_t drain(Duration most);

 private:
  // Shared with the threads, which are detached: a thread stuck in a driver may outlive the pool without harm to it.
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace orch::net

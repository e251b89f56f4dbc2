// Threads for work that blocks: a pool that grows with what it is given, up to a bound, over Asio's scheduler.
//
// A job gets an idle thread, or a new one while there are fewer than `limits.threads`, else it waits in line, in the
// order of `run`. At most `limits.threads` + `limits.queue` jobs are under way or in line; `run` refuses one more. One
// thread is there from the first moment to the last, so what was taken is run also when the system has no room for
// another thread; the others end when they have been idle for a while. Jobs of a pool must not wait for jobs of the
// same pool: at the bound they would wait for ever. Work that may take long and work that must not wait get a pool
// each.
//
// What a job throws is told and ends that job only.
//
// Threads: all functions from any thread, `run` also from a job; `stop` and the destructor not from a job.
// Lifetime and the order of stopping: whoever owns the pool stops those who give it work (strands, timers) or lets them
// be refused, then the pool, then what its jobs use. `stop` refuses every later job, runs what stands in line, waits
// for the jobs under way however long they take, and joins the threads. Only the .cc files include Asio.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "core/base/time.h"

namespace orch::net {

class Pool {
 public:
  using Job = std::move_only_function<void()>;

  struct Limits {
    std::size_t threads = 1;      ///< at least one
    std::size_t queue = 0;        ///< jobs in line when all threads are busy
    Duration idle = seconds(10);  ///< after it a thread ends, but for the first
  };

  /// Throws std::system_error when the system has no room for a single thread.
  explicit Pool(Limits limits);
  ~Pool();  ///< stops
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// False, and the job is dropped, at the limit and once stopping. What a job holds is let go before it counts as
  /// over.
  [[nodiscard]] bool run(Job job);

  /// Waits until nothing is under way or in line, at most this long; answers how many jobs are left.
  std::size_t drain(Duration most);

  /// Whether jobs stand in line because all threads are busy: a job that lasts may let others have their turn.
  bool has_line() const;

  /// Whether the caller is a job of this pool.
  bool on_thread() const;

  void stop();  ///< idempotent

  /// Threads that are alive: at least one until stopped, never more than the limit.
  std::size_t threads() const;

 private:
  friend class Strand;
  friend class Timers;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace orch::net

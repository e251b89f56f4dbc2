// Functions that run one after another, in the order in which they were posted, on threads of a pool: Asio's strand.
//
// A strand that has work counts as one job of its pool, however much waits in it, so it needs one thread at a time.
//
// Threads: any, also from a function that the strand runs. What one thread posts runs in that order.
// Lifetime: the pool outlives the strand. A strand may be destroyed while it has work: what was posted is run.
// Stopping is the pool's: `post` refuses once the pool stops, and the pool's `stop` runs what was posted before.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "drivers/net/pool.h"

namespace orch::net {

class Strand {
 public:
  using Job = Pool::Job;

  explicit Strand(Pool& pool);
  ~Strand();
  Strand(const Strand&) = delete;
  Strand& operator=(const Strand&) = delete;

  /// False, and the job is dropped, when the pool has no room for another strand with work, or stops.
  [[nodiscard]] bool post(Job job);

  /// Functions that were posted and have not returned.
  std::size_t unfinished() const;

 private:
  struct State;  // shared with what was posted
  std::shared_ptr<State> state_;
};

}  // namespace orch::net

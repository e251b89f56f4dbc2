// The node's threads for work that blocks, a pool for each kind that must not hold up the others.
//
// The driver port's calls block, so whatever is under way holds a thread. What is taken is never dropped; what happens
// at the limits:
// - `calls`: driver calls, in a strand per task, and the removal of folders. All are bounded in time but starts, which
//   may pull an image for minutes: the StartGate lets half as many begin as there are threads, so that a stop always
//   finds one. More than `most_calls` stops at once wait for each other, each as long as its kill timeout at most.
// - `waits`: for the ends of tasks. With more tasks than threads they take turns of a slice each, and an end is noticed
//   as many slices later as there are tasks for a thread.
// - `requests`: what the HTTP interface asks of this node, streams of files and logs among them, which last as long as
//   their readers like. There is no line: one more than `most_requests` is refused, and its asker is told.
//
// Threads: any. Lifetime: outlives the allocations; destroyed before the mailbox, which calls under way post to. The
// destructor waits for calls under way, `drain` a bounded time.
#pragma once

#include <cstddef>

#include "core/base/time.h"
#include "drivers/net/pool.h"

namespace orch::client {

struct Pools {
  static constexpr std::size_t most_calls = 512, most_waits = 256, most_requests = 512;
  static constexpr std::size_t most_starts = most_calls / 2;
  /// More tasks than a machine can have: a line of calls or waits is never full.
  static constexpr std::size_t most_tasks = 1u << 20;

  net::Pool calls{{.threads = most_calls, .queue = most_tasks}};
  net::Pool waits{{.threads = most_waits, .queue = most_tasks}};
  net::Pool requests{{.threads = most_requests, .queue = 0}};

  /// Waits until nothing is under way, at most this long; answers how many calls are left.
  std::size_t drain(Duration most);
};

}  // namespace orch::client

// One thread that owns all allocations of the node: functions posted to it and timers run there, one after another.
//
// The state machines of core/runner are driven on this thread only, so they need no locks. Nothing that runs here may
// block: driver calls go to the node's Pools and post their answers. Functions run in the order they were posted.
//
// Threads: any, but `run_and_wait` and `stop` not from the mailbox's own. Lifetime: stopped once nobody needs an answer
// any more and before the pools, whose calls under way may still post; what they post is dropped then.
#pragma once

#include <functional>
#include <string>

#include "core/runner/moment.h"
#include "drivers/net/pool.h"
#include "drivers/net/strand.h"
#include "drivers/net/timers.h"

namespace orch::client {

/// The machine's clocks and a random number, read now. `elapsed` is CLOCK_BOOTTIME.
Moment read_moment();

class Mailbox {
 public:
  using Job = net::Pool::Job;

  Mailbox() = default;
  ~Mailbox();  ///< stops

  /// After `stop` the job is dropped.
  void post(Job job);

  /// Runs `job` once read_moment().elapsed has reached `due`; a later timer of the same name replaces this one.
  void set_timer(const std::string& name, Elapsed due, Job job);
  /// Its job does not begin any more, when this is called on the mailbox's thread.
  void cancel_timer(const std::string& name);

  /// Runs what was posted before and `job`, and waits for it. After `stop` it does nothing.
  void run_and_wait(const std::function<void()>& job);

  bool on_thread() const { return thread_.on_thread(); }

  /// Drops the timers, runs what was posted before (somebody may wait for it), ends the thread. Idempotent.
  void stop();

 private:
  net::Pool thread_{{.threads = 1}};
  net::Strand strand_{thread_};
  net::Timers timers_{thread_, strand_};
};

}  // namespace orch::client

// One thread that owns all allocations of the node: functions posted to it and timers run there, one after another.
//
// The state machines of core/runner are driven on this thread only, so they need no locks. Nothing that runs here may
// block: driver calls go to the BlockingPool and post their answers. Functions run in the order they were posted.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "core/runner/moment.h"

namespace orch::client {

/// The machine's clocks and a random number, read now. `elapsed` is CLOCK_BOOTTIME.
Moment read_moment();

class Mailbox {
 public:
  using Job = std::function<void()>;

  Mailbox();
  ~Mailbox();  ///< stops

  /// Any thread. After `stop` the job is dropped.
  void post(Job job);

  /// Runs `job` on the mailbox's thread once read_moment().elapsed has reached `due`; a later timer of the same name
  /// replaces this one. Any thread.
  void set_timer(const std::string& name, Elapsed due, Job job);
  void cancel_timer(const std::string& name);

  /// Runs what was posted before and waits for it; must not be called on the mailbox's thread.
  void run_and_wait(const Job& job);

  /// Ends the thread; jobs and timers that wait are dropped. Idempotent; not on the mailbox's thread.
  void stop();

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  std::map<std::string, Elapsed> due_of_;                     // by name
  std::map<std::pair<Elapsed, std::string>, Job> timers_;     // by time
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace orch::client

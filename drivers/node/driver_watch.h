// Watches what tasks lean on: the health of the drivers, and the room on the disk.
//
// A driver whose engine is away can't say what runs; it is asked again when it is well, and what it lists then is told,
// so that tasks that nobody knows are found. A change of health goes into the node's document, and the servers are
// told.
//
// Threads: one of its own, which alone knows how full the disk was; the set of drivers to ask again has a lock.
// `look` runs on the owner's threads, one at a time (the registration sees to that). Drivers may block a look for as
// long as their engine takes. Lifetime: what it is made with outlives it; the signal is set before `stop`, which joins.
#pragma once

#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "core/runner/task_driver.h"
#include "drivers/node/registration.h"
#include "drivers/node/say.h"
#include "drivers/node/stop_signal.h"

namespace orch::client {

/// A task of ours that a driver sees.
struct FoundTask {
  TaskDriver* driver = nullptr;
  TaskDriver::Found task;
};

class DriverWatch {
 public:
  struct Hooks {
    std::function<void(std::vector<FoundTask>)> found;       ///< by a driver that could not list before
    std::function<void(const std::string& text)> disk_told;  ///< the disk is full, or has room again
  };

  DriverWatch(const std::vector<TaskDriver*>& drivers, std::string alloc_dir, Duration every,
              Registration& registration, const StopSignal& stopping, Hooks hooks, Say say);
  ~DriverWatch();  ///< stops

  /// Brings the node's document up to date; answers whether anything changed.
  bool look();
  /// What runs, as the drivers say; one that can't say now is asked again later.
  std::vector<FoundTask> list();
  /// The driver's list is to be looked at when it is well. Any thread.
  void look_again(TaskDriver& driver);

  void start();
  void stop();  ///< idempotent

 private:
  void watch();
  void watch_disk();
  bool unwell() const;

  const std::vector<TaskDriver*> drivers_;
  const std::string alloc_dir_;
  const Duration every_;
  Registration& registration_;
  const StopSignal& stopping_;
  const Hooks hooks_;
  const Say say_;
  bool disk_full_ = false;  // the thread's
  std::mutex mutex_;
  std::set<TaskDriver*> unlisted_;  // under mutex_
  std::thread thread_;
};

}  // namespace orch::client

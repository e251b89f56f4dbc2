#include "drivers/node/driver_watch.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/base/guard.h"
#include "drivers/node/alloc_dir.h"
#include "drivers/node/fingerprint.h"
#include "drivers/node/mailbox.h"

namespace orch::client {

DriverWatch::DriverWatch(const std::vector<TaskDriver*>& drivers, std::string alloc_dir, Duration every,
                         Registration& registration, const StopSignal& stopping, Hooks hooks, Say say)
    : drivers_(drivers),
      alloc_dir_(std::move(alloc_dir)),
      every_(every),
      registration_(registration),
      stopping_(stopping),
      hooks_(std::move(hooks)),
      say_(std::move(say)) {}

DriverWatch::~DriverWatch() { stop(); }

void DriverWatch::start() {
  ORCH_ASSERT(!thread_.joinable(), "the drivers of a node have one watch");
  thread_ = std::thread([this] {
    while (!guarded("the watch over the drivers", [this] { watch(); })) {
    }
  });
}

void DriverWatch::stop() {
  ORCH_ASSERT(!thread_.joinable() || stopping_.is_set(), "a watch is told to stop before it is waited for");
  if (thread_.joinable()) thread_.join();
}

bool DriverWatch::look() {
  return registration_.change([this](Node& node) { return fingerprint_drivers(node, drivers_, read_moment().wall); });
}

std::vector<FoundTask> DriverWatch::list() {
  std::vector<FoundTask> found;
  for (TaskDriver* driver : drivers_) {
    auto listed = driver->list();
    if (!listed) {
      look_again(*driver);
      continue;
    }
    for (TaskDriver::Found& one : *listed) found.push_back({driver, std::move(one)});
  }
  return found;
}

void DriverWatch::look_again(TaskDriver& driver) {
  std::lock_guard lock(mutex_);
  unlisted_.insert(&driver);
}

bool DriverWatch::unwell() const {
  const auto node = registration_.node();
  return std::any_of(node->drivers.begin(), node->drivers.end(),
                     [](const auto& one) { return one.second.detected && !one.second.healthy; });
}

void DriverWatch::watch() {
  // Work waits for a driver that was well before, so its return is looked for more often.
  while (stopping_.pause(unwell() || disk_full_ ? std::min(every_, seconds(1)) : every_)) {
    watch_disk();
    std::set<TaskDriver*> unlisted;
    {
      std::lock_guard lock(mutex_);
      unlisted = unlisted_;
    }
    for (TaskDriver* driver : unlisted) {
      auto listed = driver->list();
      if (!listed) continue;
      std::vector<FoundTask> found;
      for (TaskDriver::Found& one : *listed) found.push_back({driver, std::move(one)});
      hooks_.found(std::move(found));
      std::lock_guard lock(mutex_);
      unlisted_.erase(driver);
    }
    if (!look()) continue;
    registration_.again();
    say_("INFO", "the health of a task driver changed");
  }
}

void DriverWatch::watch_disk() {
  const bool full = has_no_room(alloc_dir_);
  if (std::exchange(disk_full_, full) == full) return;
  const std::string text = full ? "No space left on device in " + alloc_dir_ +
                                      ": what tasks write there fails, and their output waits, until there is room"
                                : "There is space again in " + alloc_dir_;
  say_(full ? "ERROR" : "INFO", text);
  hooks_.disk_told(text);
}

}  // namespace orch::client

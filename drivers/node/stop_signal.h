// Says to the node client's threads that the agent stops, and ends their pauses.
//
// Threads: any. Set once, never taken back. Outlives whoever looks at it.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

#include "core/base/time.h"

namespace orch::client {

class StopSignal {
 public:
  bool is_set() const { return set_; }

  void set() {
    {
      std::lock_guard lock(mutex_);
      set_ = true;
    }
    wake_.notify_all();
  }

  /// False when the signal ended or forbade the pause.
  bool pause(Duration time) const {
    std::unique_lock lock(mutex_);
    return !wake_.wait_for(lock, std::chrono::nanoseconds(time.ns), [this] { return set_.load(); });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable wake_;
  std::atomic<bool> set_ = false;
};

}  // namespace orch::client

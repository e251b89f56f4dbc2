// Blocking calls of one task, one after another in order, on a pool's threads.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

#include "drivers/net/blocking_pool.h"

namespace orch::client {

/// Thread-safe. Held by shared_ptr, since calls may outlast whoever asked for them. The pool must outlive it.
class SerialCalls : public std::enable_shared_from_this<SerialCalls> {
 public:
  explicit SerialCalls(net::BlockingPool& pool) : pool_(pool) {}

  void add(std::function<void()> call) {
    std::lock_guard lock(mutex_);
    calls_.push_back(std::move(call));
    if (busy_) return;
    busy_ = true;
    pool_.run([self = shared_from_this()] { self->work(); });
  }

  bool quiet() const {
    std::lock_guard lock(mutex_);
    return !busy_;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    while (!calls_.empty()) {
      std::function<void()> call = std::move(calls_.front());
      calls_.pop_front();
      lock.unlock();
      call();
      call = nullptr;
      lock.lock();
    }
    busy_ = false;
  }

  net::BlockingPool& pool_;
  mutable std::mutex mutex_;
  std::deque<std::function<void()>> calls_;
  bool busy_ = false;
};

}  // namespace orch::client

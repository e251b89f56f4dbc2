// How often something happened: in all, and in the last whole interval of ten seconds, as Nomad's in-memory metrics
// count.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>

namespace orch {

/// Thread-safe; an addition costs two relaxed atomic operations and a look at the clock.
class Counter {
 public:
  static constexpr std::int64_t interval_ns = 10'000'000'000;

  void add(std::uint64_t times, std::int64_t now_ns) {
    turn(now_ns / interval_ns);
    current_.fetch_add(times, std::memory_order_relaxed);
    total_.fetch_add(times, std::memory_order_relaxed);
  }

  std::uint64_t total() const { return total_.load(std::memory_order_relaxed); }

  std::uint64_t last_interval(std::int64_t now_ns) {
    turn(now_ns / interval_ns);
    return previous_.load(std::memory_order_relaxed);
  }

 private:
  void turn(std::int64_t interval) {
    if (interval_.load(std::memory_order_relaxed) == interval) return;
    std::lock_guard lock(turning_);
    const std::int64_t last = interval_.load(std::memory_order_relaxed);
    if (last >= interval) return;
    const std::uint64_t count = current_.exchange(0, std::memory_order_relaxed);
    previous_.store(last + 1 == interval ? count : 0, std::memory_order_relaxed);
    interval_.store(interval, std::memory_order_relaxed);
  }

  std::mutex turning_;
  std::atomic<std::int64_t> interval_{-1};
  std::atomic<std::uint64_t> current_{0}, previous_{0}, total_{0};
};

}  // namespace orch

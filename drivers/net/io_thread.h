// One I/O thread of the server: a reactor that says when sockets are ready, a queue of tasks from other threads, a
// tick.
//
// What a task or the tick throws is told and ends that task only.
//
// Threads: `post`, `on_thread` and `stop` from any; all else on the thread itself (or before `start` and after `stop`).
// Lifetime: shared, because answers that are still being worked out hold on to it and may outlive the server; after
// `stop` a task is refused, which makes a late answer harmless. Only the .cc file includes Asio.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/time.h"

namespace orch::net {

/// What a socket's owner is told. Kept alive by each wait that is under way.
class IoEvents {
 public:
  virtual ~IoEvents() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() = 0;
};

class IoThread {
  struct Impl;

 public:
  using Task = std::move_only_function<void()>;

  /// A socket known to the thread's reactor. Owns the descriptor and closes it. Each wait answers once.
  class Watch {
   public:
    Watch();
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    /// Takes `fd`, also when it fails (the system has no room for another).
    bool open(IoThread& thread, int fd);
    void wait_readable(std::shared_ptr<IoEvents> events);
    void wait_writable(std::shared_ptr<IoEvents> events);
    /// Waits under way end without an answer.
    void close();
    int fd() const { return fd_; }

   private:
    struct Descriptor;
    std::unique_ptr<Descriptor> descriptor_;
    int fd_ = -1;
  };

  IoThread();
  ~IoThread();  ///< stopped before
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  void start(Duration tick, std::function<void()> on_tick);

  /// Runs `task` on the thread, after those posted before. False, and the task is dropped, once stopped.
  bool post(Task task);
  bool on_thread() const;

  /// Milliseconds on a monotonic clock as of the last tick: no request pays for reading a clock.
  std::int64_t now_ms() const { return now_ms_.load(std::memory_order_relaxed); }
  /// Whether the thread has missed several ticks by another thread's clock: something holds it up.
  bool held_up(std::int64_t now_ms) const { return now_ms - this->now_ms() > 4 * tick_ms_; }
  std::int64_t tick_ms() const { return tick_ms_; }

  /// Joins the thread; tasks that wait are dropped. Not from the thread itself. Idempotent.
  void stop();

 private:
  void run();
  void tick();
  void run_tasks();

  std::unique_ptr<Impl> impl_;
  std::function<void()> on_tick_;
  std::atomic<std::int64_t> now_ms_ = 0;
  std::int64_t tick_ms_ = 1000;
};

}  // namespace orch::net

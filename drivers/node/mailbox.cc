#include "drivers/node/mailbox.h"

#include <condition_variable>
#include <mutex>
#include <random>
#include <utility>

#include "core/base/assert.h"
#include "drivers/clock/clock.h"

namespace orch::client {

Moment read_moment() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  Moment moment;
  moment.wall = wall_now();
  moment.elapsed = net::boot_time();
  moment.random = std::uniform_real_distribution<double>(0, 1)(generator);
  return moment;
}

Mailbox::~Mailbox() { stop(); }

void Mailbox::post(Job job) {
  (void)strand_.post(std::move(job));  // refused once stopping only: the strand is all that its thread has to do
}

void Mailbox::set_timer(const std::string& name, Elapsed due, Job job) { timers_.set(name, due, std::move(job)); }

void Mailbox::cancel_timer(const std::string& name) { timers_.cancel(name); }

void Mailbox::run_and_wait(const std::function<void()>& job) {
  ORCH_ASSERT(!on_thread(), "the mailbox's thread can't wait for itself");
  std::mutex mutex;
  std::condition_variable done;
  bool ran = false;
  const bool taken = strand_.post([&] {
    job();
    std::lock_guard guard(mutex);
    ran = true;
    done.notify_all();
  });
  if (!taken) return;
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return ran; });
}

void Mailbox::stop() {
  timers_.stop();
  thread_.stop();
}

}  // namespace orch::client

#include "drivers/node/mailbox.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <random>

namespace orch::client {
namespace {

std::int64_t read_clock(clockid_t clock) {
  struct timespec now {};
  ::clock_gettime(clock, &now);
  return now.tv_sec * 1'000'000'000ll + now.tv_nsec;
}

}  // namespace

Moment read_moment() {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  Moment moment;
  moment.wall.ns = read_clock(CLOCK_REALTIME);
  moment.elapsed.ns = read_clock(CLOCK_BOOTTIME);
  moment.random = std::uniform_real_distribution<double>(0, 1)(generator);
  return moment;
}

Mailbox::Mailbox() : thread_([this] { run(); }) {}

Mailbox::~Mailbox() { stop(); }

void Mailbox::post(Job job) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void Mailbox::set_timer(const std::string& name, Elapsed due, Job job) {
  {
    std::lock_guard lock(mutex_);
    if (auto it = due_of_.find(name); it != due_of_.end()) timers_.erase({it->second, name});
    due_of_[name] = due;
    timers_[{due, name}] = std::move(job);
  }
  wake_.notify_one();
}

void Mailbox::cancel_timer(const std::string& name) {
  std::lock_guard lock(mutex_);
  if (auto it = due_of_.find(name); it != due_of_.end()) {
    timers_.erase({it->second, name});
    due_of_.erase(it);
  }
}

void Mailbox::run_and_wait(const Job& job) {
  std::mutex mutex;
  std::condition_variable done;
  bool ran = false;
  {
    std::lock_guard lock(mutex_);
    if (stopping_) return;
    jobs_.push_back([&] {
      job();
      std::lock_guard guard(mutex);
      ran = true;
      done.notify_all();
    });
  }
  wake_.notify_one();
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return ran; });
}

void Mailbox::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Mailbox::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    if (!jobs_.empty()) {
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      job();
      job = nullptr;
      lock.lock();
      continue;
    }
    if (stopping_) break;  // after the jobs: somebody may wait for them
    if (timers_.empty()) {
      wake_.wait(lock);
      continue;
    }
    const Elapsed due = timers_.begin()->first.first;
    const Elapsed now = read_moment().elapsed;
    if (now < due) {
      // At most a minute: the steady clock that waits stands still while the machine sleeps, ours does not.
      const std::int64_t ns = std::min((due - now).ns, minutes(1).ns);
      wake_.wait_for(lock, std::chrono::nanoseconds(ns));
      continue;
    }
    Job job = std::move(timers_.begin()->second);
    due_of_.erase(timers_.begin()->first.second);
    timers_.erase(timers_.begin());
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace orch::client

#include "drivers/net/pool.h"

#include <boost/asio/post.hpp>
#include <chrono>
#include <system_error>
#include <utility>

#include "core/base/assert.h"
#include "drivers/net/pool_state.h"

namespace orch::net {

bool Pool::State::claim() {
  std::lock_guard lock(mutex);
  if (stopping || unfinished >= limits.threads + limits.queue) return false;
  ++unfinished;
  if (unfinished > threads.size() && threads.size() < limits.threads) {
    try {
      start(&State::serve_while_busy);
    } catch (const std::system_error&) {
      // No room for another thread: the job waits for one of those that are there.
    }
  }
  ORCH_ASSERT(!threads.empty() && threads.size() <= limits.threads, "a pool has between one thread and its limit");
  return true;
}

void Pool::State::release() {
  std::lock_guard lock(mutex);
  ORCH_ASSERT(unfinished > 0, "only who has claimed a thread releases it");
  if (--unfinished == 0) quiet.notify_all();
}

bool Pool::State::is_stopping() const {
  std::lock_guard lock(mutex);
  return stopping;
}

bool Pool::State::on_thread() const {
  std::lock_guard lock(mutex);
  return threads.contains(std::this_thread::get_id());
}

void Pool::State::start(void (State::*serve)()) {
  // The new thread begins by asking for the mutex, so it stands in `threads` before it runs a job.
  std::thread thread([this, serve] {
    { std::lock_guard listed(mutex); }
    (this->*serve)();
  });
  const std::thread::id id = thread.get_id();
  threads.emplace(id, std::move(thread));
}

void Pool::State::carry_out(Job& job) {
  guarded("a job of a pool", [&] { job(); });
  guarded("the end of a pool's job", [&] { job = nullptr; });
}

void Pool::State::serve_first() {
  serving([this] { context.run(); });
}

void Pool::State::serve_while_busy() {
  for (;;) {
    serving([this] {
      while (context.run_one_for(std::chrono::nanoseconds(limits.idle.ns)) > 0) {
      }
    });
    std::unique_lock lock(mutex);
    if (stopping) return;                        // `stop` joins
    if (unfinished >= threads.size()) continue;  // who has just claimed a thread counted on this one
    const auto own = threads.find(std::this_thread::get_id());
    ORCH_ASSERT(own != threads.end() && threads.size() > 1, "the first thread of a pool stays");
    std::thread before = std::exchange(left, std::move(own->second));
    threads.erase(own);
    lock.unlock();
    if (before.joinable()) before.join();
    return;
  }
}

Pool::Pool(Limits limits) : state_(std::make_unique<State>(limits)) {
  ORCH_ASSERT(limits.threads > 0, "a pool has at least one thread");
  std::lock_guard lock(state_->mutex);
  state_->start(&State::serve_first);
}

Pool::~Pool() { stop(); }

bool Pool::run(Job job) {
  ORCH_ASSERT(job != nullptr, "a pool is given something to run");
  if (!state_->claim()) return false;
  boost::asio::post(state_->context, [state = state_.get(), job = std::move(job)]() mutable {
    State::carry_out(job);
    state->release();
  });
  return true;
}

std::size_t Pool::drain(Duration most) {
  std::unique_lock lock(state_->mutex);
  state_->quiet.wait_for(lock, std::chrono::nanoseconds(most.ns), [&] { return state_->unfinished == 0; });
  return state_->unfinished;
}

bool Pool::on_thread() const { return state_->on_thread(); }

void Pool::stop() {
  ORCH_ASSERT(!on_thread(), "a pool can't wait for its own end");
  std::map<std::thread::id, std::thread> threads;
  std::thread left;
  {
    std::unique_lock lock(state_->mutex);
    state_->stopping = true;
    state_->quiet.wait(lock, [&] { return state_->unfinished == 0; });
    state_->context.stop();
    threads.swap(state_->threads);
    left.swap(state_->left);
  }
  for (auto& [id, thread] : threads) thread.join();
  if (left.joinable()) left.join();
}

bool Pool::has_line() const {
  std::lock_guard lock(state_->mutex);
  return state_->unfinished > state_->threads.size();
}

std::size_t Pool::threads() const {
  std::lock_guard lock(state_->mutex);
  return state_->threads.size();
}

}  // namespace orch::net

#include "drivers/net/blocking_pool.h"

#include <chrono>
#include <thread>

namespace orch::net {

struct BlockingPool::State {
  std::mutex mutex;
  std::condition_variable work, quiet;
  std::deque<std::function<void()>> jobs;  // at most one per idle thread
  std::size_t idle = 0, busy = 0;
  bool closing = false;

  static void serve(const std::shared_ptr<State>& state) {
    std::unique_lock lock(state->mutex);
    for (;;) {
      if (state->jobs.empty()) {
        ++state->idle;
        state->work.wait_for(lock, std::chrono::seconds(10), [&] { return !state->jobs.empty() || state->closing; });
        --state->idle;
        if (state->jobs.empty()) return;
      }
      std::function<void()> job = std::move(state->jobs.front());
      state->jobs.pop_front();
      lock.unlock();
      job();
      job = nullptr;  // what it holds is let go before the job counts as over
      lock.lock();
      if (--state->busy == 0) state->quiet.notify_all();
    }
  }
};

BlockingPool::BlockingPool() : state_(std::make_shared<State>()) {}

BlockingPool::~BlockingPool() {
  std::unique_lock lock(state_->mutex);
  state_->quiet.wait(lock, [&] { return state_->busy == 0; });
  state_->closing = true;
  state_->work.notify_all();
}

void BlockingPool::run(std::function<void()> job) {
  std::lock_guard lock(state_->mutex);
  ++state_->busy;
  state_->jobs.push_back(std::move(job));
  if (state_->idle >= state_->jobs.size()) {
    state_->work.notify_one();
  } else {
    std::thread([state = state_] { State::serve(state); }).detach();
  }
}

std::size_t BlockingPool::drain(Duration most) {
  std::unique_lock lock(state_->mutex);
  state_->quiet.wait_for(lock, std::chrono::nanoseconds(most.ns), [&] { return state_->busy == 0; });
  return state_->busy;
}

}  // namespace orch::net

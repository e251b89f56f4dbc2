#include "drivers/net/strand.h"

#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <mutex>
#include <utility>

#include "core/base/assert.h"
#include "drivers/net/pool_state.h"

namespace orch::net {

struct Strand::State {
  explicit State(Pool::State& pool_state) : pool(pool_state), strand(pool_state.context.get_executor()) {}

  Pool::State& pool;
  boost::asio::strand<boost::asio::io_context::executor_type> strand;
  mutable std::mutex mutex;
  std::size_t unfinished = 0;  // under mutex; the pool's thread is claimed while it isn't 0
};

Strand::Strand(Pool& pool) : state_(std::make_shared<State>(*pool.state_)) {}
Strand::~Strand() = default;

bool Strand::post(Job job) {
  ORCH_ASSERT(job != nullptr, "a strand is given something to run");
  // Under the lock, so that functions enter Asio's queue in the order in which they are counted.
  std::lock_guard lock(state_->mutex);
  if (state_->unfinished == 0 ? !state_->pool.claim() : state_->pool.is_stopping()) return false;
  ++state_->unfinished;
  boost::asio::post(state_->strand, [state = state_, job = std::move(job)]() mutable {
    Pool::State::carry_out(job);
    // The room goes back under the same lock: who posts next would else find the strand idle and its room still taken,
    // and be refused by a pool that has no more.
    std::lock_guard counting(state->mutex);
    ORCH_ASSERT(state->unfinished > 0, "what a strand runs was counted when it was posted");
    if (--state->unfinished == 0) state->pool.release();
  });
  return true;
}

std::size_t Strand::unfinished() const {
  std::lock_guard lock(state_->mutex);
  return state_->unfinished;
}

}  // namespace orch::net

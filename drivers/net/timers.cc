#include "drivers/net/timers.h"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

#include "core/base/assert.h"
#include "drivers/clock/clock.h"
#include "drivers/net/pool_state.h"

namespace orch::net {
namespace {

/// CLOCK_BOOTTIME for Asio.
struct BootClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;
  static time_point now() { return time_point(duration(boot_time().ns)); }
};

/// At most a minute at a time: what waits is the monotonic clock, which stands still while the machine sleeps.
struct ShortWaits {
  static BootClock::duration to_wait_duration(const BootClock::duration& left) {
    return std::min<BootClock::duration>(left, std::chrono::minutes(1));
  }
  static BootClock::duration to_wait_duration(const BootClock::time_point& due) {
    return to_wait_duration(due - BootClock::now());
  }
};

using Wait = boost::asio::basic_waitable_timer<BootClock, ShortWaits>;

}  // namespace

Elapsed boot_time() { return {since_boot_ns()}; }

struct Timers::State {
  State(Pool::State& pool_state, Strand& on) : pool(pool_state), strand(on) {}

  struct Timer {
    std::uint64_t number;  // tells it from one of the same name that it replaced
    std::unique_ptr<Wait> wait;
    Pool::Job job;
  };

  Pool::State& pool;
  Strand& strand;
  mutable std::mutex mutex;  // all below
  std::map<std::string, Timer> timers;
  std::uint64_t last_number = 0;
  bool stopped = false;

  /// On the strand: runs the function unless the timer was cancelled or replaced meanwhile.
  void fire(const std::string& name, std::uint64_t number) {
    Pool::Job job;
    {
      std::lock_guard lock(mutex);
      const auto at = timers.find(name);
      if (at == timers.end() || at->second.number != number) return;
      job = std::move(at->second.job);
      timers.erase(at);
    }
    job();
  }
};

Timers::Timers(Pool& pool, Strand& strand) : state_(std::make_shared<State>(*pool.state_, strand)) {}
Timers::~Timers() { stop(); }

void Timers::set(const std::string& name, Elapsed due, Pool::Job job) {
  ORCH_ASSERT(job != nullptr, "a timer has something to run");
  State::Timer replaced;  // what it holds is let go after the lock
  std::lock_guard lock(state_->mutex);
  if (state_->stopped) return;
  State::Timer& timer = state_->timers[name];
  replaced =
      std::exchange(timer, {++state_->last_number, std::make_unique<Wait>(state_->pool.context), std::move(job)});
  timer.wait->expires_at(BootClock::time_point(BootClock::duration(due.ns)));
  timer.wait->async_wait(
      [weak = std::weak_ptr(state_), name, number = timer.number](const boost::system::error_code& error) {
        const auto state = weak.lock();
        if (error || !state) return;
        // Refused only once the pool stops, as it has room for the strand; then all others are dropped as well.
        std::lock_guard strand_lives(state->mutex);
        if (!state->stopped) (void)state->strand.post([state, name, number] { state->fire(name, number); });
      });
}

void Timers::cancel(const std::string& name) {
  State::Timer cancelled;
  std::lock_guard lock(state_->mutex);
  const auto at = state_->timers.find(name);
  if (at == state_->timers.end()) return;
  cancelled = std::move(at->second);
  state_->timers.erase(at);
}

void Timers::stop() {
  std::map<std::string, State::Timer> dropped;
  std::lock_guard lock(state_->mutex);
  state_->stopped = true;
  dropped.swap(state_->timers);
}

std::size_t Timers::size() const {
  std::lock_guard lock(state_->mutex);
  return state_->timers.size();
}

}  // namespace orch::net

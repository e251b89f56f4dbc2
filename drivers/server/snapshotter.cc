#include "drivers/server/snapshotter.h"

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>

#include "core/base/assert.h"
#include "core/base/guard.h"
#include "core/reducer/fold.h"

namespace orch {
namespace {

constexpr LogIndex slice =
    1024;  // groups per read transaction: a long one keeps pages of the log from being used again
constexpr int lowest_priority = 19;
constexpr auto look_every = std::chrono::seconds(1);

}  // namespace

Snapshotter::Snapshotter(const Log& log, std::string folder, Say say)
    : log_(log),
      enabled_(!folder.empty()),
      say_(std::move(say)),
      folder_(std::move(folder), [this](const std::string& complaint) {
        if (say_) say_("WARN", complaint + "; the log is folded instead");
      }) {}

Snapshotter::~Snapshotter() { stop(); }

std::unique_ptr<State> Snapshotter::newest(LogIndex most) {
  if (!enabled_) return nullptr;
  auto state = folder_.newest(log_.id(), most);
  if (state && state->index() > index()) index_.store(state->index(), std::memory_order_relaxed);
  return state;
}

void Snapshotter::start() {
  ORCH_ASSERT(!thread_.joinable(), "snapshots are begun once");
  if (enabled_) thread_ = std::thread([this] { run(); });
}

void Snapshotter::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  woken_.notify_all();
  if (thread_.joinable()) thread_.join();
}

bool Snapshotter::stopping() const {
  std::lock_guard lock(mutex_);
  return stopping_;
}

bool Snapshotter::due() const {
  return groups_.load(std::memory_order_relaxed) >= groups_between ||
         events_.load(std::memory_order_relaxed) >= events_between;
}

void Snapshotter::run() {
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), lowest_priority);
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    woken_.wait_for(lock, look_every);
    if (stopping_ || !due()) continue;
    lock.unlock();
    guarded("a snapshot", [this] { make(); });  // the next is due after as many groups again
    lock.lock();
  }
}

void Snapshotter::make() {
  groups_.store(0, std::memory_order_relaxed);
  events_.store(0, std::memory_order_relaxed);
  const LogIndex head = log_.head();
  auto state = folder_.newest(log_.id(), head);
  if (!state) state = std::make_unique<State>(log_.id());
  ORCH_ASSERT(state->index() <= head, "a snapshot is not newer than the log");
  while (state->index() < head) {
    if (stopping()) return;
    const auto folded = fold(log_, *state, std::min(head, state->index() + slice));
    if (!folded) {
      if (say_) say_("WARN", "no snapshot: " + folded.error().message);
      return;
    }
  }
  save(*state);
}

void Snapshotter::save(const State& state) {
  const std::string bytes = write_snapshot(state);
  if (auto saved = folder_.save(state.index(), bytes); !saved) {
    if (say_) say_("WARN", saved.error() + "; it is tried again later");
    return;
  }
  index_.store(state.index(), std::memory_order_relaxed);
  if (say_)
    say_("DEBUG",
         "snapshot at index " + std::to_string(state.index()) + ", " + std::to_string(bytes.size()) + " bytes");
}

void Snapshotter::write_last(const State& state) {
  ORCH_ASSERT(!thread_.joinable(), "the last snapshot is written when nobody else writes one");
  const std::size_t objects = state.allocations().size() + state.evaluations().size();
  if (enabled_ && state.index() > index() && objects <= objects_at_end) save(state);
}

}  // namespace orch

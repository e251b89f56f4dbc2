#include "drivers/server/watch_hub.h"

#include <algorithm>
#include <limits>

#include "core/base/assert.h"
#include "core/base/guard.h"

namespace orch {

void WatchHub::wait(const std::vector<WatchKey>& keys, LogIndex seen, std::int64_t deadline_ns, Callback callback) {
  ORCH_ASSERT(!keys.empty() && callback, "a waiter waits for something and can be called");
  {
    std::lock_guard lock(mutex_);
    bool touched = closed_;
    for (const WatchKey& key : keys) {
      touched = touched || bucket(key.packed()).touched > seen;
    }
    // News for a node client in a burst: it waits until the pause is over instead of asking at once.
    const bool held = touched && !closed_ && paused_until_ns_ != 0 && keys[0].kind == WatchKind::node_allocations;
    if (!touched || held) {
      const std::uint64_t id = next_id_++;
      if (held) held_.insert(id);
      Waiter waiter{.keys = {}, .deadline_ns = deadline_ns, .callback = std::move(callback)};
      for (const WatchKey& key : keys) {
        waiter.keys.push_back(key.packed());
        if (by_key_[key.packed()].insert(id).second) ++bucket(key.packed()).waiting;
      }
      deadlines_.insert({deadline_ns, id});
      waiters_.emplace(id, std::move(waiter));
      return;
    }
  }
  callback();
}

WatchHub::Callback WatchHub::remove(std::uint64_t id) {
  auto it = waiters_.find(id);
  if (it == waiters_.end()) return {};  // called already: by another of its keys
  for (std::uint64_t key : it->second.keys) {
    auto by_key = by_key_.find(key);
    if (by_key == by_key_.end()) continue;
    if (by_key->second.erase(id) != 0) --bucket(key).waiting;
    if (by_key->second.empty()) by_key_.erase(by_key);
  }
  deadlines_.erase({it->second.deadline_ns, id});
  held_.erase(id);
  Callback callback = std::move(it->second.callback);
  waiters_.erase(it);
  return callback;
}

bool WatchHub::is_paced(std::uint64_t id) const {
  return waiters_.at(id).keys.front() >> 32 == static_cast<std::uint64_t>(WatchKind::node_allocations);
}

void WatchHub::pause_after(std::size_t nodes_called, std::int64_t now_ns) {
  paused_until_ns_ =
      nodes_called < many_nodes ? 0 : now_ns + static_cast<std::int64_t>(nodes_called) * pause_per_node_ns;
}

void WatchHub::touch(const std::vector<WatchKey>& keys, LogIndex index, std::int64_t now_ns) {
  std::vector<Callback> due;
  {
    std::size_t nodes_called = 0;
    std::lock_guard lock(mutex_);
    for (const WatchKey& key : keys) {
      Bucket& touched = bucket(key.packed());
      touched.touched = index;
      if (touched.waiting == 0) continue;
      auto it = by_key_.find(key.packed());
      if (it == by_key_.end()) continue;
      const std::vector<std::uint64_t> ids(it->second.begin(), it->second.end());
      for (std::uint64_t id : ids) {
        const bool paced = is_paced(id);
        if (paced && paused_until_ns_ != 0) {
          held_.insert(id);
          continue;
        }
        nodes_called += paced ? 1 : 0;
        if (Callback callback = remove(id)) due.push_back(std::move(callback));
      }
    }
    if (nodes_called >= many_nodes) pause_after(nodes_called, now_ns);
  }
  for (Callback& callback : due) guarded("what waited for a change", callback);
}

bool WatchHub::anyone_waits(const std::vector<WatchKey>& keys) const {
  std::lock_guard lock(mutex_);
  if (waiters_.empty()) return false;
  return std::any_of(keys.begin(), keys.end(), [&](const WatchKey& key) { return bucket(key.packed()).waiting != 0; });
}

void WatchHub::expire(std::int64_t now_ns) {
  std::vector<Callback> due;
  {
    std::lock_guard lock(mutex_);
    while (!deadlines_.empty() && deadlines_.begin()->first <= now_ns) {
      if (Callback callback = remove(deadlines_.begin()->second)) due.push_back(std::move(callback));
    }
    if (paused_until_ns_ != 0 && paused_until_ns_ <= now_ns) {
      pause_after(held_.size(), now_ns);
      while (!held_.empty()) due.push_back(remove(*held_.begin()));
    }
  }
  for (Callback& callback : due) guarded("what waited for a change", callback);
}

std::int64_t WatchHub::next_deadline() const {
  std::lock_guard lock(mutex_);
  const std::int64_t pause = paused_until_ns_ != 0 ? paused_until_ns_ : std::numeric_limits<std::int64_t>::max();
  return deadlines_.empty() ? pause : std::min(pause, deadlines_.begin()->first);
}

bool WatchHub::closed() const {
  std::lock_guard lock(mutex_);
  return closed_;
}

void WatchHub::close() {
  std::vector<Callback> due;
  {
    std::lock_guard lock(mutex_);
    closed_ = true;
    while (!waiters_.empty()) due.push_back(remove(waiters_.begin()->first));
  }
  for (Callback& callback : due) guarded("what waited for a change", callback);
}

}  // namespace orch

#include "cli/agent/server/watch_hub.h"

#include <limits>

namespace orch {

void WatchHub::wait(const std::vector<WatchKey>& keys, LogIndex seen, std::int64_t deadline_ns, Callback callback) {
  {
    std::lock_guard lock(mutex_);
    bool touched = closed_;
    for (const WatchKey& key : keys) {
      touched = touched || bucket(key.packed()).touched > seen;
    }
    if (!touched) {
      const std::uint64_t id = next_id_++;
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
  if (it == waiters_.end()) return {};
  for (std::uint64_t key : it->second.keys) {
    auto by_key = by_key_.find(key);
    if (by_key == by_key_.end()) continue;
    if (by_key->second.erase(id) != 0) --bucket(key).waiting;
    if (by_key->second.empty()) by_key_.erase(by_key);
  }
  deadlines_.erase({it->second.deadline_ns, id});
  Callback callback = std::move(it->second.callback);
  waiters_.erase(it);
  return callback;
}

void WatchHub::touch(const std::vector<WatchKey>& keys, LogIndex index) {
  std::vector<Callback> due;
  {
    std::lock_guard lock(mutex_);
    for (const WatchKey& key : keys) {
      Bucket& touched = bucket(key.packed());
      touched.touched = index;
      if (touched.waiting == 0) continue;
      auto it = by_key_.find(key.packed());
      if (it == by_key_.end()) continue;
      const std::vector<std::uint64_t> ids(it->second.begin(), it->second.end());
      for (std::uint64_t id : ids) {
        if (Callback callback = remove(id)) due.push_back(std::move(callback));
      }
    }
  }
  for (Callback& callback : due) callback();
}

void WatchHub::expire(std::int64_t now_ns) {
  std::vector<Callback> due;
  {
    std::lock_guard lock(mutex_);
    while (!deadlines_.empty() && deadlines_.begin()->first <= now_ns) {
      if (Callback callback = remove(deadlines_.begin()->second)) due.push_back(std::move(callback));
    }
  }
  for (Callback& callback : due) callback();
}

std::int64_t WatchHub::next_deadline() const {
  std::lock_guard lock(mutex_);
  return deadlines_.empty() ? std::numeric_limits<std::int64_t>::max() : deadlines_.begin()->first;
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
  for (Callback& callback : due) callback();
}

}  // namespace orch

#include "drivers/server/heartbeats.h"

#include <limits>

#include "core/base/assert.h"

namespace orch {

void Heartbeats::heard(const std::string& node_id, std::int64_t now_ns, Duration life) {
  std::lock_guard lock(mutex_);
  ORCH_ASSERT(life.ns > 0, "a node that was heard has time until it must be heard again");
  const std::int64_t deadline = now_ns + life.ns;
  auto [it, made] = deadline_of_.try_emplace(node_id, deadline);
  if (!made) {
    deadlines_.erase({it->second, node_id});
    it->second = deadline;
  }
  deadlines_.insert({deadline, node_id});
  ORCH_ASSERT(deadlines_.size() == deadline_of_.size(), "each known node has one deadline");
}

bool Heartbeats::known(const std::string& node_id) const {
  std::lock_guard lock(mutex_);
  return deadline_of_.contains(node_id);
}

std::vector<std::string> Heartbeats::take_silent(std::int64_t now_ns) {
  std::vector<std::string> silent;
  std::lock_guard lock(mutex_);
  while (!deadlines_.empty() && deadlines_.begin()->first <= now_ns) {
    silent.push_back(deadlines_.begin()->second);
    deadline_of_.erase(silent.back());
    deadlines_.erase(deadlines_.begin());
  }
  return silent;
}

std::int64_t Heartbeats::next_deadline() const {
  std::lock_guard lock(mutex_);
  return deadlines_.empty() ? std::numeric_limits<std::int64_t>::max() : deadlines_.begin()->first;
}

}  // namespace orch

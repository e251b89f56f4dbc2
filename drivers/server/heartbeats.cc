#include "drivers/server/heartbeats.h"

#include <algorithm>
#include <limits>

#include "core/base/assert.h"
#include "core/loop/loop.h"

namespace orch {

void Heartbeats::look(std::int64_t now_ns) {
  // Threads read the clock before they get the mutex, so a step may be one back.
  const std::int64_t step = looked_ns_ < 0 ? 0 : std::max<std::int64_t>(0, now_ns - looked_ns_);
  looked_ns_ = std::max(looked_ns_, now_ns);
  counted_ns_ += std::min(step, longest_step.ns);
  if (step > longest_step.ns) judged_from_ns_ = counted_ns_ + grace_.ns;
}

void Heartbeats::extend(const std::string& node_id, Duration life) {
  ORCH_ASSERT(life.ns > 0, "a node that was heard has time until it must be heard again");
  const std::int64_t deadline = counted_ns_ + life.ns;
  auto [it, made] = deadline_of_.try_emplace(node_id, deadline);
  if (!made) {
    if (it->second >= deadline) return;
    deadlines_.erase({it->second, node_id});
    it->second = deadline;
  }
  deadlines_.insert({deadline, node_id});
  ORCH_ASSERT(deadlines_.size() == deadline_of_.size(), "each known node has one deadline");
}

void Heartbeats::heard(const std::string& node_id, std::int64_t now_ns, Duration life) {
  std::lock_guard lock(mutex_);
  look(now_ns);
  extend(node_id, life);
}

bool Heartbeats::hear_known(const std::string& node_id, std::int64_t now_ns, Duration life) {
  std::lock_guard lock(mutex_);
  look(now_ns);
  if (!deadline_of_.contains(node_id)) return false;
  extend(node_id, life);
  return true;
}

std::vector<std::string> Heartbeats::take_silent(std::int64_t now_ns) {
  std::vector<std::string> silent;
  std::lock_guard lock(mutex_);
  look(now_ns);
  if (counted_ns_ < judged_from_ns_) return silent;
  while (!deadlines_.empty() && deadlines_.begin()->first <= counted_ns_) {
    silent.push_back(deadlines_.begin()->second);
    deadline_of_.erase(silent.back());
    deadlines_.erase(deadlines_.begin());
  }
  return silent;
}

std::int64_t Heartbeats::next_deadline() const {
  std::lock_guard lock(mutex_);
  if (deadlines_.empty()) return std::numeric_limits<std::int64_t>::max();
  return looked_ns_ + std::max(deadlines_.begin()->first, judged_from_ns_) - counted_ns_;
}

}  // namespace orch

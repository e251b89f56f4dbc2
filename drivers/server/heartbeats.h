// Which nodes were heard of lately. Kept in memory; a node that was heard nothing of for its time is told once.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/time.h"

namespace orch {

/// Thread-safe.
class Heartbeats {
 public:
  /// The node is known and its time runs from now.
  void heard(const std::string& node_id, std::int64_t now_ns, Duration life);

  bool known(const std::string& node_id) const;

  /// Nodes whose time is over; they are forgotten until heard again.
  std::vector<std::string> take_silent(std::int64_t now_ns);

  /// When the first node's time is over; the greatest number when there is none.
  std::int64_t next_deadline() const;

 private:
  mutable std::mutex mutex_;
  std::unordered_map<std::string, std::int64_t> deadline_of_;
  std::set<std::pair<std::int64_t, std::string>> deadlines_;
};

}  // namespace orch

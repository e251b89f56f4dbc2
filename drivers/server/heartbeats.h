// Which nodes were heard of lately. Kept in memory; a node that was heard nothing of for its time is told once.
//
// Time here is counted as all other deadlines are (core/loop/loop.cc): in steps from look to look, of which one counts
// five seconds at most. A longer one means that this process was stopped, or got no processor: it could hear nobody
// then. So after such a pause nobody is judged before all have had the grace once more, whatever is left of their time;
// what waits in the sockets is read long before that.
//
// Always holds: a node is known exactly when it has a deadline; hearing a node never brings its deadline nearer; a node
// that was told silent is unknown until it registers anew, so that its next heartbeat is refused and it does.
#pragma once

#include <cstdint>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/time.h"

namespace orch {

/// Thread-safe. `now_ns` is the monotonic clock's.
class Heartbeats {
 public:
  /// `grace`: how long nobody is judged after a pause.
  explicit Heartbeats(Duration grace) : grace_(grace) {}

  /// The node is known, and has at least this much time from now.
  void heard(const std::string& node_id, std::int64_t now_ns, Duration life);

  /// As `heard`, for a node that is known; else false and nothing. One step: a node can't be told silent in between.
  [[nodiscard]] bool hear_known(const std::string& node_id, std::int64_t now_ns, Duration life);

  /// Nodes whose time is over; they are forgotten until heard again.
  std::vector<std::string> take_silent(std::int64_t now_ns);

  /// When to look again, so that the first node whose time is over is told; the greatest number when there is none.
  std::int64_t next_deadline() const;

 private:
  void look(std::int64_t now_ns);  // the time that passed since the last look is counted; under the mutex
  void extend(const std::string& node_id, Duration life);

  const Duration grace_;
  mutable std::mutex mutex_;  // all below
  std::int64_t looked_ns_ = -1;  // by the monotonic clock
  std::int64_t counted_ns_ = 0;  // of time, as said above; deadlines are instants of it
  std::int64_t judged_from_ns_ = 0;
  std::unordered_map<std::string, std::int64_t> deadline_of_;
  std::set<std::pair<std::int64_t, std::string>> deadlines_;
};

}  // namespace orch

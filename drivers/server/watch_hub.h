// Who waits for what to change: blocking queries and event streams register keys and are called when one is touched.
//
// A key is a kind of object and a number, or all of that kind. The loop's thread calls `touch` after a flush with every
// key of the turn; callbacks run there, so they only hand work on. A waiter is called at most once, by a touch or by
// its deadline (`expire`, called by the same thread), whichever comes first.
//
// Node clients are paced: when one turn has called many of them, the next are held until those can have been served, so
// that a burst of placements tells each node a few times, not once a turn. In a small cluster nobody is held.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/base/hash.h"
#include "core/log/log.h"

namespace orch {

enum class WatchKind : std::uint8_t {
  jobs,
  job,
  nodes,
  node,
  node_allocations,
  allocations,
  allocation,
  job_allocations,
  evaluations,
  evaluation,
  job_evaluations,
  deployments,
  deployment,
  job_deployments,
  services,
  log,
};

struct WatchKey {
  WatchKind kind;
  std::uint32_t number = all;

  static constexpr std::uint32_t all = 0xffffffff;
  std::uint64_t packed() const { return static_cast<std::uint64_t>(kind) << 32 | number; }
};

class WatchHub {
 public:
  using Callback = std::function<void()>;

  /// Waits for a touch of any of the keys after index `seen`, at most until `deadline_ns` of the monotonic clock. When
  /// one was touched after `seen` already, the callback is called at once.
  void wait(const std::vector<WatchKey>& keys, LogIndex seen, std::int64_t deadline_ns, Callback callback);

  /// The keys changed with index `index`, which readers now see. Repeats cost little.
  void touch(const std::vector<WatchKey>& keys, LogIndex index, std::int64_t now_ns);

  /// Whether somebody may wait for one of these.
  bool anyone_waits(const std::vector<WatchKey>& keys) const;

  void expire(std::int64_t now_ns);

  /// When `expire` has something to do next: a waiter's deadline, or the end of a pause; else the greatest number.
  std::int64_t next_deadline() const;

  /// Calls everybody; later waiters are called at once, and must not wait again.
  void close();
  bool closed() const;

 private:
  struct Waiter {
    std::vector<std::uint64_t> keys;
    std::int64_t deadline_ns;
    Callback callback;
  };
  Callback remove(std::uint64_t id);
  bool is_paced(std::uint64_t id) const;
  void pause_after(std::size_t nodes_called, std::int64_t now_ns);

  static constexpr std::size_t many_nodes = 64;
  static constexpr std::int64_t pause_per_node_ns = 60'000;  // about what serving one costs, and as much again

  mutable std::mutex mutex_;
  bool closed_ = false;
  std::uint64_t next_id_ = 1;
  std::unordered_map<std::uint64_t, Waiter> waiters_;
  std::unordered_map<std::uint64_t, std::set<std::uint64_t>> by_key_;
  // Keys share buckets, so memory is bounded; who is called for a neighbour's change looks and waits again.
  struct Bucket {
    LogIndex touched = 0;
    std::uint32_t waiting = 0;
  };
  static constexpr std::size_t bucket_count = 1 << 16;
  std::vector<Bucket> buckets_ = std::vector<Bucket>(bucket_count);
  Bucket& bucket(std::uint64_t packed) { return buckets_[mix(0, packed) % bucket_count]; }
  const Bucket& bucket(std::uint64_t packed) const { return buckets_[mix(0, packed) % bucket_count]; }
  std::set<std::pair<std::int64_t, std::uint64_t>> deadlines_;
  std::int64_t paused_until_ns_ = 0;  // 0: nobody is held
  std::set<std::uint64_t> held_;      // node clients that were touched during the pause
};

}  // namespace orch

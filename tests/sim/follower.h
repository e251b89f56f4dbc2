// A second reader of the simulated log. It folds each record once and never crashes, so its state and its views are
// what a server that had nothing to recover from would have: the measure for those that had.
#pragma once

#include <functional>
#include <set>
#include <string>

#include "core/log/log.h"
#include "core/reducer/apply.h"
#include "projections/memory_table_store.h"
#include "projections/queries.h"
#include "projections/views.h"

namespace orch::sim {

/// Objects that records changed, by number.
struct Touched {
  std::set<std::uint32_t> jobs, nodes, allocations, evaluations, deployments;
  void note(const Outcome& outcome);
};

class Follower {
 public:
  explicit Follower(std::string cluster_id) : state_(std::move(cluster_id)), views_(store_) {}

  /// Called after each folded record, with the state that it led to.
  using Visitor = std::function<void(LogIndex, const wire::Group&, const Outcome&)>;
  /// Folds what the log holds beyond its own state.
  void follow(const Log& log, const Visitor& each);

  const State& state() const { return state_; }
  Queries queries() const { return Queries(store_, state_.cluster_id()); }

 private:
  State state_;
  MemoryTableStore store_;
  Views views_;
  Outcome outcome_;
};

}  // namespace orch::sim

// The simulated server: the real loop, reducer, scheduler and views over a log in memory.
//
// It can crash: all but the log, the last snapshot and, mostly, the rows is gone, and what was submitted but not taken
// is lost with its answer. It can be told that an append fails, which the loop must survive.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/log/memory_log.h"
#include "core/loop/loop.h"
#include "projections/memory_table_store.h"
#include "projections/queries.h"
#include "projections/views.h"
#include "tests/sim/agenda.h"

namespace orch::sim {

class Servers {
 public:
  /// Plans of more than `placements_per_group` placements become several groups.
  Servers(Agenda& agenda, std::size_t placements_per_group);

  /// Taken with the next turn. `done` is called with the answer, or never when the server crashes before.
  void submit(std::string group, Completion done);
  /// A node's report: may share a group with those of other nodes.
  void submit_report(std::string group, Completion done);
  /// Turns until nothing is left to do; false when there is no end to it.
  bool settle();

  void crash(bool lose_views);
  void fail_next_append() { log_->fail_next(); }

  const State& state() const { return loop_->state(); }
  const MemoryLog& log() const { return *log_; }
  Queries queries() const { return Queries(*store_, state().cluster_id()); }
  Duration until_deadline() const { return loop_->until_deadline(); }
  std::uint64_t turns() const { return turns_; }

 private:
  void start();

  Agenda& agenda_;
  std::size_t placements_per_group_;
  std::unique_ptr<MemoryLog> log_;
  std::unique_ptr<MemoryTableStore> store_;
  std::unique_ptr<Views> views_;
  std::unique_ptr<Loop> loop_;
  std::vector<Submission> submissions_;
  std::uint64_t turns_ = 0, snapshot_turn_ = 0;
  std::string snapshot_;  // of the state; what a crash leaves
};

}  // namespace orch::sim

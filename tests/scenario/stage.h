// The cluster that a scenario acts on: the real loop, reducer, scheduler and views, all in memory, one thread, and a
// clock that moves when the scenario says so. Nodes are names; what they report is a command too.
#pragma once

#include <string>
#include <vector>

#include "core/log/memory_log.h"
#include "core/log/record.h"
#include "core/loop/loop.h"
#include "projections/memory_table_store.h"
#include "projections/queries.h"
#include "projections/views.h"
#include "tests/scenario/narrator.h"
#include "tests/scenario/transcript.h"

namespace orch::scenario {

class Stage {
 public:
  Stage();

  /// Carries out one command and answers what happened, line by line. Commands (KEY=VALUE words may be left out):
  ///   node NAME [cpu= memory= disk= mbits= class= dc= attr.X= meta.X=]    registers it, or tells what changed
  ///   node NAME ready|down|eligible|ineligible
  ///   run [key=K] [enforce=INDEX|now]     + a job file; `now`: the job's present modify index
  ///   plan                                + a job file: what `run` would do
  ///   stop JOB [purge]   ·   evaluate JOB
  ///   report a0 [a1 …] STATUS [healthy|unhealthy]
  ///   deployment d0 fail|pause|resume
  ///   wait 30s                            time passes, deadlines are met
  ///   restart                             the log is folded again, views and all; says whether all is as it was
  ///   get jobs|allocations|job NAME|summary NAME|allocation a0|evaluation e0|deployment d0|node NAME [PATH]
  ///                                       what the query answers, or a part: FailedTGAllocs/cache/NodesFiltered
  std::vector<std::string> act(const Step& step);

 private:
  using Words = std::vector<std::string>;

  void node(const Words& words);
  void run(const Words& words, const std::string& document);
  void plan(const std::string& document);
  void report(const Words& words);
  void deployment(const Words& words);
  void wait(const std::string& duration);
  void restart();
  void get(const Words& words);
  std::string answer(const std::string& what, const std::string& which) const;

  void submit(GroupBuilder& group, const std::string& key = {});
  void turn(std::vector<Submission>& submissions);
  const State& state() const { return loop_.state(); }
  Queries queries() const { return Queries(store_, state().cluster_id()); }
  void say(std::string line) { said_.push_back("  " + std::move(line)); }

  MemoryLog log_{"scenario"};
  MemoryTableStore store_;
  Views views_{store_};
  Narrator narrator_{views_};
  Loop loop_;
  std::int64_t now_ns_ = 0;
  std::vector<std::string> said_;
};

}  // namespace orch::scenario

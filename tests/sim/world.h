// One simulated cluster from one seed: servers, nodes, people who register and stop jobs, and faults, in one thread and
// in virtual time. Two worlds of one seed are equal to the bit.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/log/record.h"
#include "tests/sim/agenda.h"
#include "tests/sim/dice.h"
#include "tests/sim/fake_node.h"
#include "tests/sim/servers.h"

namespace orch::sim {

class World {
 public:
  explicit World(std::uint64_t seed);

  /// Does what is due next and lets the servers work it off; false when nothing is due before `end`.
  bool step(Elapsed end);
  /// No more work and no more faults; everybody is back.
  void calm_down();

  Agenda& agenda() { return agenda_; }
  const Servers& servers() const { return servers_; }
  const State& state() const { return servers_.state(); }
  const std::vector<std::unique_ptr<FakeNode>>& nodes() const { return nodes_; }
  /// What was done to the cluster last, for a failing property's report.
  const std::string& last_deed() const { return last_deed_; }
  /// Somebody appends what makes no sense: only what the reducer itself sees to must hold.
  bool has_nonsense() const { return has_nonsense_; }
  /// The servers found no end of turns in the last step.
  bool runs_away() const { return runs_away_; }

 private:
  void plan_next_deed();
  void deed();
  /// Somebody asks for something and asks again, under the same key, until there is an answer; sometimes once more.
  void ask(GroupBuilder& group);
  void ask_until_answered(std::uint64_t key);
  void register_job();
  void stop_job();
  void change_deployment();
  void disturb_node();
  void change_eligibility();
  void notice_deadline();

  Agenda agenda_;
  Dice dice_;
  Servers servers_;
  std::vector<std::unique_ptr<FakeNode>> nodes_;
  std::vector<LogIndex> seen_;                  // by node: allocations_index that it was told of
  std::map<std::uint64_t, std::string> asked_;  // without an answer yet, by key
  std::uint64_t next_key_ = 1;
  std::int64_t deadline_planned_ = -1;
  bool has_nonsense_;
  bool calm_ = false;
  bool runs_away_ = false;
  std::string last_deed_ = "nothing yet";
};

}  // namespace orch::sim

// What must hold in every simulated cluster, by name. One file per subject: properties_placement.cc (room, ports,
// names, constraints), properties_records.cc (what single records may come to), properties_views.cc (what queries
// answer).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/sim/follower.h"
#include "tests/sim/world.h"

namespace orch::sim {

struct Broken {
  const char* property;
  std::string how;
};

class Properties {
 public:
  /// `world` must outlive this.
  explicit Properties(const World& world) : world_(world), follower_(world.state().cluster_id()) {}

  /// After every step.
  std::vector<Broken> after_step();
  /// Dearer ones: every object of the views.
  std::vector<Broken> now_and_then();
  /// Once nothing happens any more: also the whole log again, and whether everybody has what they asked for.
  std::vector<Broken> at_rest();

 private:
  const State& state() const { return world_.state(); }
  void broken(const char* property, std::string how) { found_.push_back({property, std::move(how)}); }
  std::vector<Broken> found();

  // ---- properties_records.cc: each record as it is folded ----
  void record(LogIndex index, const wire::Group& group, const Outcome& outcome);
  void plan(const wire::SubmitPlan& plan, const CommandOutcome& outcome);
  void placed(std::uint32_t allocation);
  void failed_placements(std::uint32_t evaluation);
  void receipt(const std::string& key, const Outcome& outcome);

  // ---- properties.cc: the state ----
  void links();
  void terminal();
  void deployments();
  void evaluations();
  void rest();

  // ---- properties_placement.cc ----
  void room();
  void ports_of(std::uint32_t allocation, const std::vector<std::uint16_t>& ports);
  void names();
  void distinct();
  void parallel();

  // ---- properties_views.cc ----
  void views(const Touched& touched);
  void view_of_allocation(const Queries& queries, std::uint32_t n);
  void view_of_evaluation(const Queries& queries, std::uint32_t n);
  void view_of_deployment(const Queries& queries, std::uint32_t n);
  void view_of_job(const Queries& queries, std::uint32_t n);
  void view_of_node(const Queries& queries, std::uint32_t n);
  void remember(const Queries& queries, const Touched& touched);
  void history();
  void lists();
  void replay();

  const World& world_;
  std::vector<Broken> found_;
  Follower follower_;
  Touched touched_;  // since the views were last looked at
  std::uint64_t steps_ = 0;
  std::vector<std::uint32_t> live_;  // allocations that hold room
  std::vector<bool> ended_;          // by allocation
  std::map<std::uint32_t, DeploymentStatus> over_;
  std::vector<DeploymentNumber> placed_for_;       // by allocation; an update in place may give it to another one
  std::map<std::uint32_t, std::uint32_t> planned_;  // by evaluation, since it last came to wait for a plan
  std::map<std::uint32_t, std::map<std::string, std::uint16_t>> told_ports_;  // by allocation: task and label
  std::map<std::string, CommandOutcome> answers_;  // by idempotency key
  struct Memory {
    Queries::Context context;
    std::uint32_t number;
    LogIndex index;
    std::uint64_t digest;
  };
  std::vector<Memory> memories_;  // what was answered at an earlier instant
};

/// "allocation 7 of job1.g0 on node 2", for reports.
std::string named(const State& state, std::uint32_t allocation);

}  // namespace orch::sim

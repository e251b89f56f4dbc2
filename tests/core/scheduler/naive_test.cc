// The scheduler beside a naive one: plain loops over all nodes and all allocations for every single placement, with no
// heap, no cache and no counts kept. Both must choose the same nodes on some thousand random clusters.
#include <doctest/doctest.h>

#include <algorithm>

#include "core/scheduler/constraint.h"
#include "core/scheduler/score.h"
#include "tests/core/cluster.h"
#include "tests/sim/dice.h"

using namespace orch;
using namespace orch::test;
using sim::Dice;

namespace {

/// What a node holds in the plan in the making.
struct Held {
  std::uint32_t node;
  AllocationNumber allocation;  // none for a new one
  JobNumber job;
  std::string group;
  GroupShape shape;
  std::vector<std::uint16_t> ports;
};

class Naive {
 public:
  Naive(const State& state, JobNumber job) : state_(state), number_(job), job_(state.job(job)) {
    for (std::uint32_t i = 0; i < state.allocations().size(); ++i) {
      const AllocationState& a = state.allocations()[i];
      if (!a.holds_room()) continue;
      held_.push_back({a.node.value, {i}, a.job, state.group_of(a).name, state.shape_of(a), state.ports_of({i})});
    }
  }

  struct Choice {
    std::uint32_t node;
    std::uint16_t score;  // as the record has it: the fit alone
    bool operator==(const Choice&) const = default;
  };

  /// Node and score of each placement of the plan, in its order; what found no place is left out. `plan` says only what
  /// is wanted.
  std::vector<std::vector<Choice>> choices(const std::vector<GroupChanges>& wanted) {
    std::vector<std::vector<Choice>> chosen;
    for (const GroupChanges& group : wanted) {
      for (const WantedStop& s : group.stop) take_away(s.allocation);
    }
    for (const GroupChanges& group : wanted) {
      std::vector<Choice> of_group;
      for (const WantedPlacement& w : group.place) {
        const std::vector<Held> before = held_;
        if (w.updates) take_away(w.replaces);
        if (const auto choice = best(group.group)) {
          of_group.push_back(*choice);
        } else {
          held_ = before;
        }
      }
      if (!of_group.empty()) chosen.push_back(std::move(of_group));
    }
    return chosen;
  }

 private:
  void take_away(AllocationNumber n) {
    std::erase_if(held_, [&](const Held& h) { return h.allocation && h.allocation == n; });
  }

  std::optional<Choice> best(std::uint16_t place) {
    const TaskGroup& group = job_.job().task_groups[place];
    const GroupShape& shape = job_.newest().shapes[place];
    std::optional<Choice> found;
    Score highest = 0;
    for (std::uint32_t n = 0; n < state_.nodes().size(); ++n) {
      const NodeState& node = state_.nodes()[n];
      if (!node.ready() || node.node->datacenter != "dc1" || !meets_all(group, n) || !fits(n, shape)) continue;
      NodeUse use;
      std::uint32_t collisions = 0;
      for (const Held& h : held_) {
        if (h.node != n) continue;
        use.add(h.shape);
        if (h.job == number_ && h.group == group.name) ++collisions;
      }
      const Score fit = binpack(node, use, shape);
      const Score score = final_score(fit, collisions, static_cast<std::uint32_t>(group.count));
      if (!found || score > highest)
        found = Choice{n, static_cast<std::uint16_t>(fit * 65535 / score_one)}, highest = score;
    }
    if (found) held_.push_back({found->node, {}, number_, group.name, shape, shape.static_ports});
    return found;
  }

  bool fits(std::uint32_t n, const GroupShape& shape) const {
    for (std::uint16_t port : shape.static_ports) {
      if (std::count(shape.static_ports.begin(), shape.static_ports.end(), port) != 1) return false;
    }
    const NodeState& node = state_.nodes()[n];
    std::int64_t cpu = shape.cpu, memory = shape.memory_mb, disk = shape.disk_mb, mbits = shape.mbits;
    for (const Held& h : held_) {
      if (h.node != n) continue;
      cpu += h.shape.cpu, memory += h.shape.memory_mb, disk += h.shape.disk_mb, mbits += h.shape.mbits;
      for (std::uint16_t port : shape.static_ports) {
        if (std::count(h.ports.begin(), h.ports.end(), port) != 0) return false;
      }
    }
    return cpu <= node.cpu && memory <= node.memory_mb && disk <= node.disk_mb && mbits <= node.mbits;
  }

  bool meets_all(const TaskGroup& group, std::uint32_t n) const {
    if (state_.nodes()[n].node->attributes.at("driver.mock_driver") != "1") return false;
    return meets_all(job_.job().constraints, n, nullptr) && meets_all(group.constraints, n, &group.name);
  }

  // `group`: whose allocations count for distinct_*; all of the job when null.
  bool meets_all(const std::vector<Constraint>& constraints, std::uint32_t n, const std::string* group) const {
    for (const Constraint& c : constraints) {
      if (!meets(c, *state_.nodes()[n].node)) return false;
      std::uint32_t same_host = 0, same_rack = 0;
      const std::string& rack = state_.nodes()[n].node->meta.at("rack");
      for (const Held& h : held_) {
        if (h.job != number_ || (group != nullptr && h.group != *group)) continue;
        if (h.node == n) ++same_host;
        if (state_.nodes()[h.node].node->meta.at("rack") == rack) ++same_rack;
      }
      if (c.operand == "distinct_hosts" && same_host >= 1) return false;
      if (c.operand == "distinct_property" && same_rack >= std::stoul(c.r_target)) return false;
    }
    return true;
  }

  const State& state_;
  const JobNumber number_;
  const JobState& job_;
  std::vector<Held> held_;
};

void add_node(Cluster& c, Dice& dice, std::int64_t i) {
  Node node;
  node.id = node.name = "n" + std::to_string(i);
  node.node_class = dice.one_in(2) ? "small" : "large";
  node.datacenter = dice.one_in(8) ? "dc2" : "dc1";
  node.attributes["driver.mock_driver"] = dice.one_in(10) ? "0" : "1";
  node.meta["rack"] = "r" + std::to_string(dice.below(3));
  node.resources.cpu = static_cast<std::int32_t>(dice.between(2, 20) * 100);
  node.resources.memory_mb = static_cast<std::int32_t>(dice.between(2, 20) * 100);
  node.resources.disk_mb = static_cast<std::int32_t>(dice.between(5, 50) * 100);
  node.resources.networks = {{.mbits = static_cast<std::int32_t>(dice.between(1, 10) * 10)}};
  GroupBuilder group;
  group.register_node(node.id, node);
  c.apply(group);
}

std::vector<Constraint> random_constraints(Dice& dice) {
  std::vector<Constraint> made;
  if (dice.one_in(6)) made.push_back({.l_target = "${node.class}", .r_target = "large", .operand = "="});
  if (dice.one_in(6)) made.push_back({.operand = "distinct_hosts"});
  if (dice.one_in(6)) {
    const std::string limit = std::to_string(dice.between(1, 2));
    made.push_back({.l_target = "${meta.rack}", .r_target = limit, .operand = "distinct_property"});
  }
  return made;
}

Job random_job(Dice& dice, const std::string& id) {
  Job job = service(id, 0);
  job.constraints = random_constraints(dice);
  job.task_groups.resize(1 + static_cast<std::size_t>(dice.below(2)), job.task_groups[0]);
  for (std::size_t g = 0; g < job.task_groups.size(); ++g) {
    TaskGroup& group = job.task_groups[g];
    group.name = "g" + std::to_string(g);
    group.count = static_cast<std::int32_t>(dice.below(8));
    group.constraints = random_constraints(dice);
    Task& task = group.tasks[0];
    task.env["IMAGE"] = std::to_string(dice.below(3));
    task.resources.cpu = static_cast<std::int32_t>(dice.between(1, 5) * 100);
    task.resources.memory_mb = static_cast<std::int32_t>(dice.between(1, 5) * 100);
    if (!dice.one_in(3)) continue;
    NetworkResource network{.mbits = static_cast<std::int32_t>(dice.between(1, 20))};
    network.dynamic_ports.push_back({.label = "any"});
    if (dice.one_in(2)) network.reserved_ports.push_back({.label = "one", .value = 8080});
    if (dice.one_in(8)) network.reserved_ports.push_back({.label = "same", .value = 8080});
    task.resources.networks = {network};
  }
  return dice.one_in(3) ? rolling(job, 2) : job;
}

std::string bytes_of_plan(const Plan& plan) {
  GroupBuilder group;
  group.add(encode(group.flat(), plan, true));
  return group.finish({});
}

}  // namespace

TEST_CASE("the scheduler chooses as plain loops do, and whatever it decided before") {
  std::uint64_t decisions = 0, placements = 0, in_vain = 0, updates = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    CAPTURE(seed);
    Dice dice(seed);
    Cluster c;
    Scheduler kept;
    const std::int64_t nodes = dice.between(1, 9);
    for (std::int64_t i = 0; i < nodes; ++i) add_node(c, dice, i);
    for (int step = 0; step < 6; ++step) {
      if (dice.one_in(5)) c.node_down("n" + std::to_string(dice.below(nodes)));
      c.run(random_job(dice, "job" + std::to_string(dice.below(3))));
      for (int turn = 0; !c.state.pending().empty(); ++turn) {
        REQUIRE(turn < 100);
        const EvaluationNumber evaluation = c.state.pending().begin()->evaluation;
        const JobNumber job = c.state.evaluation(evaluation).job;
        const Plan plan = kept.schedule(c.state, evaluation);
        REQUIRE(bytes_of_plan(plan) == bytes_of_plan(schedule(c.state, evaluation)));

        const Changes wanted = reconcile(c.state, c.state.job(job));
        bool in_place = false;  // whether the node still will do is the scheduler's own question
        for (const GroupChanges& g : wanted.groups) in_place = in_place || !g.in_place.empty();
        if (!in_place && wanted.stop.empty()) {
          std::vector<std::vector<Naive::Choice>> chosen;
          for (const GroupPlacements& p : plan.placements) {
            auto& of_group = chosen.emplace_back();
            for (std::size_t i = 0; i < p.nodes.size(); ++i) of_group.push_back({p.nodes[i], p.scores[i]});
          }
          REQUIRE((chosen == Naive(c.state, job).choices(wanted.groups)));
          for (const auto& group : chosen) placements += group.size();
          for (const GroupMetrics& m : plan.metrics) in_vain += m.failed;
          for (const GroupChanges& g : wanted.groups) {
            updates += static_cast<std::uint64_t>(
                std::count_if(g.place.begin(), g.place.end(), [](const auto& w) { return w.updates; }));
          }
          ++decisions;
        }
        GroupBuilder group;
        group.add(encode(group.flat(), plan, true));
        const CommandOutcome& outcome = c.apply(group);
        REQUIRE(outcome.refusal == "");
        REQUIRE(outcome.refused_placements == 0);
      }
    }
  }
  MESSAGE(decisions << " decisions, " << placements << " placements, " << in_vain << " in vain, " << updates
                    << " updates");
  // The comparison is worth something only if all of this occurs, and often.
  CHECK(decisions > 5000);
  CHECK(placements > 10'000);
  CHECK(in_vain > 1000);
  CHECK(updates > 1000);
}

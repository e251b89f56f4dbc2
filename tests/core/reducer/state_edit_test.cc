// StateEdit's promise: after any group, the state hash and every index are what a naive walk over all objects says.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <random>

#include "core/reducer/digest.h"
#include "core/reducer/state_edit.h"
#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

std::uint64_t naive_hash(const State& s) {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < s.jobs().size(); ++i) sum += digest(JobNumber{i}, s.jobs()[i]);
  for (std::uint32_t i = 0; i < s.nodes().size(); ++i) sum += digest(NodeNumber{i}, s.nodes()[i]);
  for (std::uint32_t i = 0; i < s.allocations().size(); ++i) sum += digest(AllocationNumber{i}, s.allocations()[i]);
  for (std::uint32_t i = 0; i < s.evaluations().size(); ++i) sum += digest(EvaluationNumber{i}, s.evaluations()[i]);
  for (std::uint32_t i = 0; i < s.deployments().size(); ++i) sum += digest(DeploymentNumber{i}, s.deployments()[i]);
  for (const ReceiptRow& row : s.receipts()) sum += digest(row.key, row.receipt);
  return mix(mix(mix(s.index(), sum), static_cast<std::uint64_t>(s.elapsed().ns)), s.rules());
}

void check_waiting(const State& s) {
  std::set<PendingOrder> pending;
  std::set<EvaluationNumber> blocked;
  for (std::uint32_t i = 0; i < s.evaluations().size(); ++i) {
    const EvaluationState& e = s.evaluations()[i];
    if (e.status == EvaluationStatus::pending) pending.insert({e.priority, EvaluationNumber{i}});
    if (e.status == EvaluationStatus::blocked) blocked.insert(EvaluationNumber{i});
  }
  CHECK(s.pending() == pending);
  CHECK(s.blocked() == blocked);
  std::size_t named = 0;  // by their jobs
  for (const JobState& job : s.jobs()) named += (job.pending ? 1u : 0u) + (job.blocked ? 1u : 0u);
  CHECK(named == pending.size() + blocked.size());
  for (const PendingOrder& p : pending) CHECK(s.job(s.evaluation(p.evaluation).job).pending == p.evaluation);
  for (const EvaluationNumber e : blocked) CHECK(s.job(s.evaluation(e).job).blocked == e);
}

void check_deadlines(const State& s) {
  State::ProgressDeadlines deadlines;
  for (std::uint32_t i = 0; i < s.deployments().size(); ++i) {
    const DeploymentState& d = s.deployments()[i];
    Elapsed first = Elapsed::never();
    for (const DeploymentGroup& g : d.groups) {
      if (d.status != DeploymentStatus::running || g.progress_deadline.ns == 0 || g.healthy >= g.desired) continue;
      first = std::min(first, g.require_progress_by);
    }
    CHECK(d.watched == first);
    if (first != Elapsed::never()) deadlines.insert({first, DeploymentNumber{i}});
  }
  CHECK(s.progress_deadlines() == deadlines);
  for (const auto& [at, n] : s.reschedules()) {
    CHECK(at > s.elapsed());
    CHECK(s.allocation(n).client == ClientStatus::failed);
  }
}

void check_room(const State& s) {
  struct Use {
    std::int64_t cpu = 0, memory_mb = 0, disk_mb = 0, mbits = 0;
    std::vector<std::uint16_t> ports;
    std::vector<AllocationNumber> allocations;
  };
  std::vector<Use> uses(s.nodes().size());
  std::vector<std::uint32_t> live(s.jobs().size());
  std::vector<std::vector<AllocationNumber>> current(s.jobs().size());
  for (std::uint32_t i = 0; i < s.allocations().size(); ++i) {
    const AllocationState& a = s.allocations()[i];
    const AllocationNumber n{i};
    if (a.desired == DesiredStatus::run && !a.next) current[a.job.value].push_back(n);
    if (!a.holds_room()) continue;
    const GroupShape& shape = s.shape_of(a);
    Use& use = uses[a.node.value];
    use.cpu += shape.cpu;
    use.memory_mb += shape.memory_mb;
    use.disk_mb += shape.disk_mb;
    use.mbits += shape.mbits;
    for (const std::uint16_t port : s.ports_of(n)) use.ports.push_back(port);
    use.allocations.push_back(n);
    ++live[a.job.value];
  }
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const NodeState& node = s.nodes()[i];
    std::sort(uses[i].ports.begin(), uses[i].ports.end());
    CHECK(node.cpu_used == uses[i].cpu);
    CHECK(node.memory_used_mb == uses[i].memory_mb);
    CHECK(node.disk_used_mb == uses[i].disk_mb);
    CHECK(node.mbits_used == uses[i].mbits);
    CHECK(node.ports == uses[i].ports);
    CHECK(node.allocations == uses[i].allocations);
  }
  for (std::size_t i = 0; i < live.size(); ++i) {
    CHECK(s.jobs()[i].live == live[i]);
    CHECK(s.jobs()[i].current == current[i]);
  }
}

void check_summaries(const State& s) {
  for (std::uint32_t j = 0; j < s.jobs().size(); ++j) {
    for (std::size_t position = 0; position < s.jobs()[j].summary.size(); ++position) {
      std::map<ClientStatus, std::uint32_t> counts;
      for (const AllocationState& a : s.allocations()) {
        if (a.job.value == j && a.summary == position) ++counts[a.client];
      }
      const GroupSummary& summary = s.jobs()[j].summary[position];
      CHECK(summary.starting == counts[ClientStatus::pending]);
      CHECK(summary.running == counts[ClientStatus::running]);
      CHECK(summary.complete == counts[ClientStatus::complete]);
      CHECK(summary.failed == counts[ClientStatus::failed]);
      CHECK(summary.lost == counts[ClientStatus::lost]);
    }
  }
}

void check_ids(const State& s) {
  for (std::uint32_t i = 0; i < s.jobs().size(); ++i) {
    if (!s.jobs()[i].purged) CHECK(s.find_job(s.jobs()[i].id) == JobNumber{i});
    if (s.jobs()[i].purged) CHECK(s.find_job(s.jobs()[i].id) != JobNumber{i});
  }
  for (std::uint32_t i = 0; i < s.nodes().size(); ++i) CHECK(s.find_node(s.nodes()[i].node->id) == NodeNumber{i});
}

void check_all(const State& s) {
  CHECK(s.hash() == naive_hash(s));
  check_waiting(s);
  check_deadlines(s);
  check_room(s);
  check_summaries(s);
  check_ids(s);
}

// One deed of people, nodes, the scheduler or time, chosen by chance.
class Chance {
 public:
  explicit Chance(std::uint32_t seed) : random_(seed) {}

  void act(Cluster& c) {
    switch (below(12)) {
      case 0: return void(c.add_node("node" + std::to_string(below(6)), 300 + 100 * static_cast<int>(below(5))));
      case 1: return c.node_down("node" + std::to_string(below(6)));
      case 2:
      case 3: return register_job(c);
      case 4: return void(c.stop(job_id(), below(3) == 0));
      case 5: return c.tick(seconds(below(400)));
      case 6: return set_deployment(c);
      case 7: return evaluate(c);
      default: return report(c);
      case 8:
      case 9: return c.schedule();
    }
  }

 private:
  std::uint32_t below(std::uint32_t n) { return static_cast<std::uint32_t>(random_() % n); }
  std::string job_id() { return "job" + std::to_string(below(4)); }

  void register_job(Cluster& c) {
    Job job = service(job_id(), static_cast<int>(below(6)));
    job.priority = 40 + static_cast<int>(below(3)) * 10;
    job.task_groups[0].tasks[0].resources.cpu = 100 + 50 * static_cast<int>(below(3));
    if (below(2) == 0) job = rolling(job, 1);
    if (below(3) == 0) {
      NetworkResource network;
      network.reserved_ports.push_back({.label = "http", .value = 8080});
      network.dynamic_ports.push_back({.label = "admin"});
      job.task_groups[0].networks.push_back(network);
    }
    GroupBuilder group;
    group.register_job(job, false, 0);
    c.apply(group, below(2) == 0 ? "key" + std::to_string(below(20)) : "");
  }

  void evaluate(Cluster& c) {
    GroupBuilder group;
    group.add(wire::CreateEvaluateJob(group.flat(), group.flat().CreateString(job_id())));
    c.apply(group);
  }

  void set_deployment(Cluster& c) {
    if (c.state.deployments().empty()) return;
    GroupBuilder group;
    const auto n = below(static_cast<std::uint32_t>(c.state.deployments().size()));
    group.add(wire::CreateSetDeploymentStatus(group.flat(), n, static_cast<std::uint8_t>(below(4))));
    c.apply(group);
  }

  void report(Cluster& c) {
    if (c.state.allocations().empty()) return;
    const AllocationNumber n{below(static_cast<std::uint32_t>(c.state.allocations().size()))};
    c.report(n, static_cast<ClientStatus>(below(5)), static_cast<Health>(below(3)));
  }

  std::mt19937 random_;
};

}  // namespace

TEST_CASE("after any group, hash and indexes are what a walk over all objects says") {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    Cluster c;
    Chance chance(seed);
    for (int step = 0; step < 120; ++step) {
      CAPTURE(step);
      chance.act(c);
      check_all(c.state);
    }
    CHECK(c.state.allocations().size() > 5);  // else nothing was tried
  }
}

TEST_CASE("a job's purged id is free for another job") {
  Cluster c;
  c.run(service("web", 1));
  const JobNumber first = c.state.find_job("web");
  c.stop("web", true);
  CHECK(!c.state.find_job("web"));
  c.run(service("web", 1));
  CHECK(c.state.find_job("web") != first);
  check_all(c.state);
}

TEST_CASE("a blocked evaluation is woken by room, under its own number") {
  Cluster c;
  c.add_node("small", 100);
  c.run(service("web", 2));
  c.schedule();
  const EvaluationNumber blocked = c.job("web").blocked;
  REQUIRE(blocked);
  c.add_node("large", 4000);
  CHECK(c.state.blocked().empty());
  CHECK(c.job("web").pending == blocked);
  CHECK(c.state.pending() == std::set<PendingOrder>{{50, blocked}});
  check_all(c.state);
}

TEST_CASE("a progress deadline is taken away by a pause and comes back whole") {
  Cluster c;
  c.add_node("node");
  c.run(rolling(service("web", 1), 1));
  c.schedule();
  REQUIRE(c.state.progress_deadlines().size() == 1);
  auto act = [&](DeploymentAction action) {
    GroupBuilder group;
    group.add(wire::CreateSetDeploymentStatus(group.flat(), 0, static_cast<std::uint8_t>(action)));
    c.apply(group);
  };
  act(DeploymentAction::pause);
  CHECK(c.state.progress_deadlines().empty());
  c.tick(minutes(30));
  act(DeploymentAction::resume);
  CHECK(c.state.next_deadline() == c.now + minutes(10));
  check_all(c.state);
}

TEST_CASE("restored from its columns, a state has the same hash and the same indexes") {
  Cluster c;
  Chance chance(7);
  for (int step = 0; step < 150; ++step) chance.act(c);
  const auto restored = State::restore(c.state.cluster_id(), c.state.index(), c.state.rules(), c.state.columns(),
                                       c.state.receipts(), c.state.reschedules());
  REQUIRE(restored != nullptr);
  CHECK(restored->hash() == c.state.hash());
  check_all(*restored);
}

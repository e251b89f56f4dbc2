#include <doctest/doctest.h>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

TEST_CASE("a registered job is placed, runs and is dead once stopped") {
  Cluster c;
  c.add_node("n1");
  c.run(service("web", 3));
  CHECK(c.job("web").status == JobStatus::pending);
  c.schedule();
  CHECK(c.job("web").status == JobStatus::running);
  REQUIRE(c.state.allocations().size() == 3);
  CHECK(c.state.node(NodeNumber{0}).cpu_used == 300);
  for (std::uint32_t i = 0; i < 3; ++i) c.report(AllocationNumber{i}, ClientStatus::running);
  CHECK(c.job("web").summary[0].running == 3);
  c.stop("web");
  c.schedule();
  CHECK(c.job("web").status == JobStatus::dead);
  CHECK(c.state.node(NodeNumber{0}).cpu_used == 0);
  CHECK(c.state.allocation(AllocationNumber{0}).desired == DesiredStatus::stop);
}

TEST_CASE("what finds no room is blocked and placed when room appears") {
  Cluster c;
  c.add_node("n1", 250);
  c.run(service("web", 4));
  c.schedule();
  CHECK(c.state.allocations().size() == 2);
  REQUIRE(c.job("web").blocked);
  const EvaluationState& first = c.state.evaluation(EvaluationNumber{0});
  REQUIRE(first.failed.size() == 1);
  CHECK(first.failed[0].failed == 2);
  CHECK(first.failed[0].nodes_exhausted == 1);
  CHECK(first.failed[0].dimension_exhausted[0].name == "cpu");
  c.add_node("n2");
  c.schedule();
  CHECK(c.state.allocations().size() == 4);
  CHECK(!c.job("web").blocked);
  CHECK(c.state.evaluation(first.blocked).status == EvaluationStatus::complete);
}

TEST_CASE("count up is in place for what runs; a new image rolls one by one, each waiting for health") {
  Cluster c;
  c.add_node("n1");
  Job job = rolling(service("web", 1), 1);
  c.run(job);
  c.schedule();
  c.report(AllocationNumber{0}, ClientStatus::running, Health::healthy);
  c.schedule();
  CHECK(c.state.deployment(DeploymentNumber{0}).status == DeploymentStatus::successful);
  CHECK(c.job("web").newest().stable);

  job.task_groups[0].count = 3;
  c.run(job);
  c.schedule();
  CHECK(c.state.allocations().size() == 3);
  for (std::uint32_t i = 0; i < 3; ++i) c.report(AllocationNumber{i}, ClientStatus::running, Health::healthy);
  c.schedule();
  CHECK(c.state.deployment(DeploymentNumber{1}).status == DeploymentStatus::successful);
  CHECK(c.state.deployment(DeploymentNumber{1}).groups[0].placed == 3);

  job.task_groups[0].tasks[0].config["image"] = Value("new");
  c.run(job);
  c.schedule();
  for (std::uint32_t replaced = 1; replaced <= 3; ++replaced) {
    REQUIRE(c.state.allocations().size() == 3 + replaced);
    const AllocationNumber n{2 + replaced};
    CHECK(c.state.allocation(c.state.allocation(n).previous).desired == DesiredStatus::stop);
    c.report(n, ClientStatus::running, Health::healthy);
    c.schedule();
  }
  CHECK(c.state.allocations().size() == 6);
  CHECK(c.state.deployment(DeploymentNumber{2}).status == DeploymentStatus::successful);
}

TEST_CASE("a deployment without progress fails at its deadline, counted in elapsed time") {
  Cluster c;
  c.add_node("n1");
  c.run(rolling(service("web", 1), 1));
  c.schedule();
  CHECK(c.state.next_deadline() == Elapsed{minutes(10).ns});
  c.tick(minutes(10));
  CHECK(c.state.deployment(DeploymentNumber{0}).status == DeploymentStatus::failed);
  CHECK(c.state.deployment(DeploymentNumber{0}).description == "Failed due to progress deadline");
}

TEST_CASE("a failed allocation is rescheduled after its delay, as often as the policy says") {
  Cluster c;
  c.add_node("n1");
  c.run(service("web", 1));
  c.schedule();
  c.report(AllocationNumber{0}, ClientStatus::failed);
  c.schedule();
  CHECK(c.state.allocations().size() == 1);
  c.tick(seconds(5));
  c.schedule();
  REQUIRE(c.state.allocations().size() == 2);
  CHECK(c.state.allocation(AllocationNumber{1}).previous == AllocationNumber{0});
  c.report(AllocationNumber{1}, ClientStatus::failed);
  c.tick(seconds(60));
  c.schedule();
  CHECK(c.state.allocations().size() == 2);
  CHECK(c.job("web").status == JobStatus::dead);
}

TEST_CASE("allocations of a node that is down are lost and replaced elsewhere") {
  Cluster c;
  c.add_node("n1");
  c.run(service("web", 2));
  c.schedule();
  c.add_node("n2");
  c.node_down("n1");
  c.schedule();
  CHECK(c.state.allocation(AllocationNumber{0}).client == ClientStatus::lost);
  CHECK(c.job("web").summary[0].lost == 2);
  REQUIRE(c.state.allocations().size() == 4);
  CHECK(c.state.allocation(AllocationNumber{2}).node == NodeNumber{1});
}

TEST_CASE("a check index that differs is refused with Nomad's words; a repeated key gets the first answer") {
  Cluster c;
  c.run(service("web", 1));
  GroupBuilder group;
  group.register_job(service("web", 2), true, 99);
  CHECK(c.apply(group).refusal ==
        "Enforcing job modify index 99: job exists with conflicting job modify index: 1");
  GroupBuilder once, again;
  once.register_job(service("web", 2), false, 0);
  again.register_job(service("web", 2), false, 0);
  const EvaluationNumber first = c.apply(once, "key").evaluation;
  const CommandOutcome second = c.apply(again, "key");
  CHECK(second.repeated);
  CHECK(second.evaluation == first);
}

TEST_CASE("two folds of one history agree") {
  auto fold = [] {
    Cluster c;
    c.add_node("n1");
    c.run(rolling(service("web", 5), 2));
    c.schedule();
    c.report(AllocationNumber{0}, ClientStatus::running, Health::healthy);
    c.schedule();
    return c.state.hash();
  };
  CHECK(fold() == fold());
}

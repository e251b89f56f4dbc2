// A plan that can't be carried out is made again a bounded number of times, and then the evaluation says why.
#include <doctest/doctest.h>

#include "core/reducer/plan_conclusion.h"
#include "core/reducer/snapshot.h"
#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

/// One job that fits, and a scheduler that is made to err: it names a node that there is not.
struct Erring {
  Cluster c;
  EvaluationNumber evaluation;

  explicit Erring(const std::string& type = "service", std::uint16_t rules = newest_rules) {
    c.rules = rules;
    c.add_node("n1");
    Job job = service("web", 2);
    job.type = type;
    evaluation = c.run(job).evaluation;
  }

  void plan_wrongly(EvaluationNumber n, bool last_chunk = true) {
    Plan plan = orch::schedule(c.state, n);
    for (std::uint32_t& node : plan.placements.at(0).nodes) node = 77;
    GroupBuilder group;
    group.add(encode(group.flat(), plan, last_chunk));
    CHECK(c.apply(group).refused_placements == 2);
  }

  const EvaluationState& at(EvaluationNumber n) const { return c.state.evaluation(n); }
};

}  // namespace

TEST_CASE("after its last attempt an evaluation fails, says why, and another waits for room") {
  for (const auto& [type, most] : {std::pair{"service", 5}, std::pair{"batch", 2}}) {
    Erring e(type);
    for (int i = 1; i < most; ++i) {
      e.plan_wrongly(e.evaluation);
      CHECK(e.at(e.evaluation).status == EvaluationStatus::pending);
    }
    e.plan_wrongly(e.evaluation);
    CHECK(e.at(e.evaluation).status == EvaluationStatus::failed);
    CHECK(e.at(e.evaluation).description ==
          "maximum attempts reached (" + std::to_string(most) + "): node is not ready");
    CHECK(e.c.state.pending().empty());
    const EvaluationNumber waits = e.c.job("web").blocked;
    REQUIRE(waits);
    CHECK(e.at(waits).trigger == Trigger::max_plan_attempts);
    CHECK(e.at(waits).previous == e.evaluation);
    CHECK(e.at(e.evaluation).blocked == waits);
    CHECK(e.c.job("web").summary.at(0).queued == 2);
    CHECK(e.c.job("web").status == JobStatus::pending);
  }
}

TEST_CASE("what gave up is tried anew when room appears, with all its attempts, and waits again under its number") {
  Erring e;
  for (int i = 0; i < 5; ++i) e.plan_wrongly(e.evaluation);
  const EvaluationNumber waits = e.c.job("web").blocked;
  e.c.add_node("n2");
  REQUIRE(e.c.job("web").pending == waits);
  for (int i = 0; i < 5; ++i) {
    REQUIRE(e.c.job("web").pending == waits);
    e.plan_wrongly(waits);
  }
  CHECK(e.c.job("web").blocked == waits);
  CHECK(e.at(waits).description == "maximum attempts reached (5): node is not ready");
  e.c.add_node("n3");
  e.c.schedule();
  CHECK(e.at(waits).status == EvaluationStatus::complete);
  CHECK(e.c.job("web").live == 2);
  CHECK(e.c.job("web").summary.at(0).queued == 0);
}

TEST_CASE("the chunks of a plan are one attempt, and what one of them was refused is not forgotten by the last") {
  Erring e;
  const LogIndex decided_on = e.c.state.index();
  e.plan_wrongly(e.evaluation, false);
  CHECK(e.at(e.evaluation).refused_plans == 1);
  Plan rest = orch::schedule(e.c.state, e.evaluation);
  rest.placements.clear();
  rest.state_index = decided_on;
  GroupBuilder group;
  group.add(encode(group.flat(), rest));
  CHECK(e.c.apply(group).refused_placements == 0);
  CHECK(e.at(e.evaluation).status == EvaluationStatus::pending);
  CHECK(e.at(e.evaluation).refused_plans == 1);
  e.c.schedule();
  CHECK(e.at(e.evaluation).status == EvaluationStatus::complete);
  CHECK(e.c.job("web").live == 2);
}

TEST_CASE("a plan that is refused as a whole was an attempt as well") {
  Erring e;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(e.at(e.evaluation).status == EvaluationStatus::pending);
    Plan plan = orch::schedule(e.c.state, e.evaluation);
    plan.job_version = 9;
    GroupBuilder group;
    group.add(encode(group.flat(), plan));
    CHECK(e.c.apply(group).refusal == "decided on an older version of the job");
  }
  CHECK(e.at(e.evaluation).status == EvaluationStatus::failed);
  CHECK(e.at(e.evaluation).description ==
        "maximum attempts reached (5): decided on an older version of the job");
}

TEST_CASE("attempts are part of the hash and of a snapshot") {
  Erring e, other;
  e.plan_wrongly(e.evaluation);
  const auto again = read_snapshot(write_snapshot(e.c.state));
  REQUIRE(again);
  CHECK((*again)->hash() == e.c.state.hash());
  CHECK((*again)->evaluation(e.evaluation).refused_plans == 1);
  CHECK((*again)->evaluation(e.evaluation).refused_decision == e.at(e.evaluation).refused_decision);
  other.c.tick(seconds(0));
  CHECK(other.c.state.index() == e.c.state.index());
  CHECK(other.c.state.hash() != e.c.state.hash());
}

TEST_CASE("under the first rules nothing was counted") {
  Erring e("service", 1);
  for (int i = 0; i < 20; ++i) e.plan_wrongly(e.evaluation);
  CHECK(e.at(e.evaluation).status == EvaluationStatus::pending);
  CHECK(e.at(e.evaluation).refused_plans == 0);
  // A build that knows better ends it.
  e.c.rules = newest_rules;
  for (int i = 0; i < 5; ++i) e.plan_wrongly(e.evaluation);
  CHECK(e.at(e.evaluation).status == EvaluationStatus::failed);
}

TEST_CASE("under the first rules an update in place left ports where they stood") {
  for (const std::uint16_t rules : {std::uint16_t{1}, newest_rules}) {
    Cluster c;
    c.rules = rules;
    c.add_node("n1");
    Job job = service("web", 1);
    job.task_groups[0].tasks[0].resources.networks = {{.dynamic_ports = {{.label = "x"}, {.label = "y"}}}};
    c.run(job);
    c.schedule();
    const std::vector<std::uint16_t> had = c.state.ports_of({0});
    auto& ports = job.task_groups[0].tasks[0].resources.networks[0].dynamic_ports;
    std::swap(ports[0], ports[1]);
    c.run(job);
    c.schedule();
    REQUIRE(c.state.allocations().size() == 1);
    CHECK(c.state.allocation({0}).job_version == 1);
    CHECK(c.state.ports_of({0}) == (rules == 1 ? had : std::vector<std::uint16_t>{had[1], had[0]}));
  }
}

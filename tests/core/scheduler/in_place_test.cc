#include "core/scheduler/in_place.h"

#include <doctest/doctest.h>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

/// A job of two allocations on two nodes whose next version differs only in where it may run.
struct Fixture {
  Cluster c;
  Plan plan;
  GroupChanges group;

  explicit Fixture(const std::vector<Constraint>& constraints, int max_parallel = 0) {
    c.add_node("n1", 150);
    c.add_node("n2", 150);
    Job job = service("job", 2);
    if (max_parallel > 0) job = rolling(job, max_parallel);
    c.run(job);
    c.schedule();
    job.task_groups[0].constraints = constraints;
    c.run(job);
    Changes changes = reconcile(c.state, c.job("job"));
    group = std::move(changes.groups.at(0));
    REQUIRE(group.in_place.size() == 2);
    check_in_place(c.state, c.job("job"), group, plan);
  }
};

}  // namespace

TEST_CASE("who may still be where it is stays, in its own way or not") {
  const Fixture f({{.operand = "distinct_hosts"}});
  CHECK(f.plan.in_place.size() == 2);
  CHECK(f.group.place.empty());
  CHECK(f.group.desired.in_place == 2);
  CHECK(f.group.desired.destructive == 0);
}

TEST_CASE("who must go is replaced, and the plan says so of each") {
  const Fixture f({{.l_target = "${node.unique.name}", .r_target = "n2", .operand = "="}});
  CHECK(f.plan.in_place.size() == 1);
  REQUIRE(f.group.place.size() == 1);
  CHECK(f.group.place[0].updates);
  CHECK(f.c.state.allocation(f.group.place[0].replaces).node == f.c.state.find_node("n1"));
  CHECK(f.group.desired.in_place == 1);
  CHECK(f.group.desired.destructive == 1);
  CHECK(f.group.destructive_in_all == 1);
}

TEST_CASE("max_parallel bounds how many are replaced at once; the rest waits") {
  const Fixture f({{.l_target = "${node.class}", .r_target = "none", .operand = "="}}, 1);
  CHECK(f.plan.in_place.empty());
  CHECK(f.group.place.size() == 1);
  CHECK(f.group.desired.destructive == 1);
  CHECK(f.group.desired.ignore == 1);
  CHECK(f.group.destructive_in_all == 2);
}

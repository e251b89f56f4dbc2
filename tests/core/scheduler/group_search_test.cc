#include "core/scheduler/group_search.h"

#include <doctest/doctest.h>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

/// A job that is registered and not yet planned, and all that its group's search needs.
struct Fixture {
  Cluster c;
  Feasibility feasibility;
  PlannedNodes::Scratch planned;
  GroupSearch::Scratch searched;
  Plan plan;

  explicit Fixture(const std::vector<std::pair<int, int>>& nodes) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      c.add_node("n" + std::to_string(i), nodes[i].first, nodes[i].second);
    }
  }

  /// Runs `use` on a search of the job's only group; answers the metrics of its beginning.
  template <class Use>
  GroupMetrics search(const Job& job, Use&& use) {
    c.run(job);
    const JobState& registered = c.job(job.id);
    const Feasible& feasible = feasibility.find(c.state, registered.job(), registered.job().task_groups[0]);
    PlannedNodes nodes(c.state, planned);
    GroupSearch search(c.state, registered, 0, feasible, plan, nodes, searched);
    GroupMetrics metrics = feasible.metrics;
    search.begin(metrics);
    use(search);
    return metrics;
  }

  bool scratch_is_empty() const {
    for (const GroupSearch::OfNode& of_node : searched) {
      if (of_node.noted || of_node.collisions != 0 || of_node.revision != 0) return false;
    }
    return true;
  }
};

std::uint32_t node_of(const std::optional<GroupSearch::Found>& found) {
  REQUIRE(found);
  return found->node.value;
}

}  // namespace

TEST_CASE("the fullest node that fits is best, and of equals the lower number") {
  Fixture f({{4000, 4000}, {1000, 1000}, {1000, 1000}, {50, 50}});
  const GroupMetrics metrics = f.search(service("job", 1), [](GroupSearch& s) { CHECK(node_of(s.take_best()) == 1); });
  CHECK(metrics.nodes_evaluated == 4);
  CHECK(metrics.nodes_exhausted == 1);
  REQUIRE(metrics.dimension_exhausted.size() == 1);
  CHECK(metrics.dimension_exhausted[0].name == "cpu");
}

TEST_CASE("siblings push each other away while there is another node") {
  Fixture f({{1000, 1000}, {1000, 1000}});
  f.search(service("job", 2), [](GroupSearch& s) {
    CHECK(node_of(s.take_best()) == 0);
    CHECK(node_of(s.take_best()) == 1);
    CHECK(node_of(s.take_best()) == 0);
  });
}

TEST_CASE("nodes are given until they are full, then nothing, and each says what it lacks") {
  Fixture f({{250, 1000}, {1000, 100}});
  f.search(service("job", 9), [](GroupSearch& s) {
    int found = 0;
    while (s.take_best()) ++found;
    CHECK(found == 3);
    const GroupMetrics why = s.why_nowhere();
    CHECK(why.nodes_exhausted == 2);
    REQUIRE(why.dimension_exhausted.size() == 2);
    CHECK(why.dimension_exhausted[0].name == "cpu");
    CHECK(why.dimension_exhausted[1].name == "memory");
  });
}

TEST_CASE("a predecessor's room goes to its successor, and comes back when that finds no node") {
  Fixture f({{150, 1000}});
  f.c.run(service("job", 1));
  f.c.schedule();
  const AllocationNumber old = f.c.job("job").current.at(0);
  Job same = service("job", 1), larger = service("job", 1);
  same.task_groups[0].tasks[0].env["A"] = "1";
  larger.task_groups[0].tasks[0].resources.cpu = 200;
  f.search(same, [&](GroupSearch& s) {
    CHECK(!s.take_best());
    s.leave(old);
    CHECK(node_of(s.take_best()) == 0);
    CHECK(!s.take_best());
  });
  f.search(larger, [&](GroupSearch& s) {
    s.leave(old);
    CHECK(!s.take_best());
    s.stay(old);
    CHECK(!s.take_best());
    CHECK(s.why_nowhere().nodes_exhausted == 1);
  });
}

TEST_CASE("a node that distinct_hosts keeps out comes back when its allocation leaves") {
  Fixture f({{1000, 1000}});
  Job job = service("job", 1);
  job.task_groups[0].constraints = {{.operand = "distinct_hosts"}};
  f.c.run(job);
  f.c.schedule();
  const AllocationNumber old = f.c.job("job").current.at(0);
  job.task_groups[0].tasks[0].env["A"] = "1";
  f.search(job, [&](GroupSearch& s) {
    CHECK(!s.take_best());
    const GroupMetrics why = s.why_nowhere();
    CHECK(why.nodes_filtered == 1);
    REQUIRE(why.constraint_filtered.size() == 1);
    CHECK(why.constraint_filtered[0].name == "distinct_hosts");
    s.leave(old);
    CHECK(node_of(s.take_best()) == 0);
    CHECK(!s.take_best());
  });
}

TEST_CASE("a search leaves nothing in the scratch") {
  Fixture f({{1000, 1000}, {1000, 1000}});
  f.c.run(service("job", 3));
  f.c.schedule();
  f.search(service("job", 5), [&](GroupSearch& s) {
    s.take_best();
    s.leave(f.c.job("job").current.at(0));
    CHECK(!f.scratch_is_empty());
  });
  CHECK(f.searched.size() == 2);
  CHECK(f.scratch_is_empty());
}

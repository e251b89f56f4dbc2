#include "core/scheduler/planned_nodes.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

/// Two nodes; `job` runs once, with host port 8080.
struct Fixture {
  Cluster c;
  PlannedNodes::Scratch scratch;
  AllocationNumber runs;

  Fixture() {
    c.add_node("n1");
    c.add_node("n2");
    Job job = service("job", 1);
    job.task_groups[0].tasks[0].resources.networks = {{.reserved_ports = {{.label = "http", .value = 8080}}}};
    c.run(job);
    c.schedule();
    runs = c.job("job").current.at(0);
  }
  const AllocationState& allocation() const { return c.state.allocation(runs); }
  const GroupShape& shape() const { return c.state.shape_of(allocation()); }
  bool scratch_is_empty() const {
    return std::all_of(scratch.begin(), scratch.end(), [](std::uint32_t mark) { return mark == 0; });
  }
};

}  // namespace

TEST_CASE("a plan that has touched nothing sees its nodes as the state has them") {
  Fixture f;
  const PlannedNodes nodes(f.c.state, f.scratch);
  const NodeNumber n = f.allocation().node;
  CHECK(nodes.use_of(n).cpu == 100);
  CHECK(!nodes.port_free(n, 8080));
  CHECK(nodes.port_free(n, 8081));
  CHECK(nodes.exhausted(n, f.shape()) == "network: reserved port collision");
}

TEST_CASE("what is freed can be taken, and what is taken is no longer free") {
  Fixture f;
  PlannedNodes nodes(f.c.state, f.scratch);
  const NodeNumber n = f.allocation().node;
  nodes.free_room(f.runs);
  CHECK(nodes.use_of(n).cpu == 0);
  CHECK(nodes.port_free(n, 8080));
  CHECK(nodes.exhausted(n, f.shape()).empty());
  const std::vector<std::uint16_t> ports{8080};
  nodes.take_room(n, f.shape(), ports);
  CHECK(nodes.use_of(n).cpu == 100);
  CHECK(!nodes.port_free(n, 8080));
}

TEST_CASE("room that is held again is as if it had never been freed") {
  Fixture f;
  PlannedNodes nodes(f.c.state, f.scratch);
  const NodeNumber n = f.allocation().node;
  nodes.free_room(f.runs);
  nodes.hold_room(f.runs);
  CHECK(nodes.use_of(n).cpu == 100);
  CHECK(nodes.use_of(n).memory_mb == 100);
  CHECK(!nodes.port_free(n, 8080));
}

TEST_CASE("an allocation that has ended gives nothing back twice") {
  Fixture f;
  f.c.report(f.runs, ClientStatus::complete);
  PlannedNodes nodes(f.c.state, f.scratch);
  nodes.free_room(f.runs);
  nodes.hold_room(f.runs);
  CHECK(nodes.use_of(f.allocation().node).cpu == 0);
  CHECK(f.scratch_is_empty());
}

TEST_CASE("one port twice is what no node has") {
  Fixture f;
  const PlannedNodes nodes(f.c.state, f.scratch);
  GroupShape twice = f.shape();
  twice.static_ports = {9090, 9090};
  CHECK(nodes.exhausted(f.allocation().node, twice) == "network: reserved port collision");
  twice.static_ports = {9090, 9091};
  CHECK(nodes.exhausted(f.allocation().node, twice).empty());
}

TEST_CASE("the scratch is empty after the plan, whatever the plan did") {
  Fixture f;
  {
    PlannedNodes nodes(f.c.state, f.scratch);
    nodes.free_room(f.runs);
    CHECK(!f.scratch_is_empty());
  }
  CHECK(f.scratch.size() == 2);
  CHECK(f.scratch_is_empty());
}

#include "core/scheduler/reconcile.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/core/cluster.h"
#include "tests/sim/dice.h"

using namespace orch;
using namespace orch::test;

namespace {

struct Fixture {
  Cluster c;
  Fixture() {
    c.add_node("n1");
    c.add_node("n2");
  }
  void run(const Job& job) {
    c.run(job);
    c.schedule();
  }
  /// What is to change now that the newest version of "job" is there.
  Changes changes() { return reconcile(c.state, c.job("job")); }
  std::uint32_t name(AllocationNumber n) const { return c.state.allocation(n).name; }
};

Job changed(Job job) {
  job.task_groups[0].tasks[0].env["A"] = "b";
  return job;
}

}  // namespace

TEST_CASE("counting down stops the highest names, counting up adds the lowest free ones") {
  Fixture f;
  f.run(service("job", 5));
  f.c.run(service("job", 3));
  GroupChanges down = f.changes().groups.at(0);
  REQUIRE(down.stop.size() == 2);
  CHECK(std::set{f.name(down.stop[0].allocation), f.name(down.stop[1].allocation)} == std::set<std::uint32_t>{3, 4});
  CHECK(down.place.empty());
  f.c.schedule();
  f.c.run(service("job", 4));
  const GroupChanges up = f.changes().groups.at(0);
  REQUIRE(up.place.size() == 1);
  CHECK(up.place[0].name == 3);
  CHECK(!up.place[0].replaces);
}

TEST_CASE("a stopped job wants nothing, and all of it stops") {
  Fixture f;
  f.run(service("job", 3));
  f.c.stop("job");
  const Changes changes = f.changes();
  CHECK(changes.stop.size() == 3);
  REQUIRE(changes.groups.size() == 1);
  CHECK(changes.groups[0].place.empty());
  CHECK(!changes.create_deployment);
}

TEST_CASE("what was on a lost node is lost, and a successor takes over its name") {
  Fixture f;
  f.run(service("job", 2));
  f.c.node_down("n1");
  const GroupChanges changes = f.changes().groups.at(0);
  REQUIRE(!changes.stop.empty());
  REQUIRE(changes.place.size() == changes.stop.size());
  for (std::size_t i = 0; i < changes.stop.size(); ++i) {
    CHECK(changes.stop[i].lost);
    CHECK(changes.stop[i].reason == StopReason::lost);
    CHECK(f.name(changes.place[i].replaces) == changes.place[i].name);
    CHECK(!changes.place[i].updates);
  }
}

TEST_CASE("batch work that is done stays done; a service's is done again") {
  for (const bool batch : {false, true}) {
    CAPTURE(batch);
    Fixture f;
    Job job = service("job", 1);
    if (batch) job.type = "batch";
    f.run(job);
    f.c.report(f.c.job("job").current.at(0), ClientStatus::complete);
    CHECK(f.changes().groups.at(0).place.size() == (batch ? 0 : 1));
  }
}

TEST_CASE("an update replaces as many at once as max_parallel allows, or all") {
  Fixture f;
  f.run(service("job", 4));
  f.c.run(changed(service("job", 4)));
  CHECK(f.changes().groups.at(0).place.size() == 4);
  CHECK(!f.changes().create_deployment);
  f.c.run(rolling(changed(service("job", 4)), 3));
  const Changes rolled = f.changes();
  CHECK(rolled.groups.at(0).place.size() == 3);
  CHECK(rolled.groups.at(0).destructive_in_all == 4);
  CHECK(rolled.create_deployment);
}

TEST_CASE("an allocation is stopped, moved in place or replaced by an update, never two of these") {
  std::uint64_t seen = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    CAPTURE(seed);
    sim::Dice dice(seed);
    Fixture f;
    for (int step = 0; step < 6; ++step) {
      Job job = service("job", static_cast<int>(dice.below(6)));
      job.task_groups.resize(1 + static_cast<std::size_t>(dice.below(2)), job.task_groups[0]);
      for (std::size_t g = 0; g < job.task_groups.size(); ++g) {
        job.task_groups[g].name = "g" + std::to_string(dice.below(2) == 0 ? g : g + 1);
        job.task_groups[g].tasks[0].env["A"] = std::to_string(dice.below(2));
        job.task_groups[g].tasks[0].kill_timeout = seconds(dice.between(1, 2));
      }
      if (dice.one_in(3)) job = rolling(job, 1);
      f.c.run(job);
      if (dice.one_in(4)) f.c.stop("job");
      if (dice.one_in(6)) f.c.node_down("n2");
      const Changes changes = f.changes();
      std::set<AllocationNumber> touched;
      const auto once = [&](AllocationNumber n) {
        ++seen;
        CHECK(touched.insert(n).second);
      };
      for (const WantedStop& s : changes.stop) once(s.allocation);
      for (const GroupChanges& group : changes.groups) {
        for (const WantedStop& s : group.stop) once(s.allocation);
        for (AllocationNumber n : group.in_place) once(n);
        for (const WantedPlacement& w : group.place) {
          if (w.updates) once(w.replaces);
        }
      }
      f.c.schedule();
    }
  }
  CHECK(seen > 1000);
}

#include "core/loop/merge_reports.h"

#include <doctest/doctest.h>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

std::string report_of(const State& state, const std::string& node, ClientStatus status, const char* text) {
  const NodeNumber number = state.find_node(node);
  std::vector<std::uint32_t> allocations;
  for (AllocationNumber n : state.node(number).allocations) allocations.push_back(n.value);
  GroupBuilder group;
  auto& b = group.flat();
  const auto ids = b.CreateVector(allocations);
  const auto statuses =
      b.CreateVector(std::vector<std::uint8_t>(allocations.size(), static_cast<std::uint8_t>(status)));
  std::vector<flatbuffers::Offset<wire::ReportedTasks>> tasks;
  for (std::size_t i = 0; i < allocations.size(); ++i)
    tasks.push_back(reported_tasks(b, encode_task_states({{{text, {.life = TaskLife::running}}}})));
  const auto states = b.CreateVector(tasks);
  group.add(wire::CreateUpdateAllocations(b, number.value, ids, statuses, 0, 0, states));
  return group.finish({});
}

struct Fixture {
  Cluster c;
  std::vector<std::string> reports;

  Fixture() {
    c.add_node("n1", 300);
    c.add_node("n2", 300);
    c.run(service("job", 6));
    c.schedule();
    reports = {report_of(c.state, "n1", ClientStatus::running, "same"),
               report_of(c.state, "n2", ClientStatus::failed, "same")};
  }
  void apply(std::string group) {
    stamp(group, {1}, c.now, newest_rules);
    REQUIRE(verify(bytes_of(group)));
    orch::apply(c.state, c.state.index() + 1, group_in(bytes_of(group)), c.outcome);
  }
  std::vector<ClientStatus> statuses() const {
    std::vector<ClientStatus> all;
    for (const AllocationState& a : c.state.allocations()) all.push_back(a.client);
    return all;
  }
};

}  // namespace

TEST_CASE("reports that are merged do what they do one by one, at one index") {
  Fixture one_by_one, merged;
  for (const std::string& report : one_by_one.reports) one_by_one.apply(report);
  const LogIndex before = merged.c.state.index();
  const std::vector<const std::string*> both{&merged.reports[0], &merged.reports[1]};
  merged.apply(merge_reports(both));
  CHECK(merged.c.state.index() == before + 1);
  CHECK(merged.c.outcome.commands.size() == 2);
  CHECK(merged.statuses() == one_by_one.statuses());
}

TEST_CASE("a merged report keeps its rows, its order and its task states") {
  const Fixture f;
  const std::vector<const std::string*> both{&f.reports[0], &f.reports[1]};
  const std::string bytes = merge_reports(both);
  const wire::Group& group = group_in(bytes_of(bytes));
  REQUIRE(group.commands()->size() == 2);
  for (std::uint32_t i = 0; i < 2; ++i) {
    const auto& made = *static_cast<const wire::UpdateAllocations*>(command_in(group, i).table);
    const wire::UpdateAllocations& given = report_in(group_in(bytes_of(f.reports[i])));
    CHECK(made.node() == given.node());
    REQUIRE(made.allocations()->size() == given.allocations()->size());
    for (std::uint32_t k = 0; k < given.allocations()->size(); ++k) {
      CHECK(made.allocations()->Get(k) == given.allocations()->Get(k));
      CHECK(made.client_status()->Get(k) == given.client_status()->Get(k));
      CHECK(states_in(*made.task_states()->Get(k)) == states_in(*given.task_states()->Get(k)));
    }
  }
}

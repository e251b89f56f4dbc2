#include "core/scheduler/assign_ports.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

Port reserved(const std::string& label, int value) { return {.label = label, .value = value}; }
Port dynamic(const std::string& label) { return {.label = label}; }
bool is_dynamic(std::uint16_t port) { return port >= dynamic_port_first && port <= dynamic_port_last; }

struct Fixture {
  Cluster c;
  PlannedNodes::Scratch scratch;
  NodeNumber n1 = c.add_node("n1"), n2 = c.add_node("n2");
  PlannedNodes nodes{c.state, scratch};

  std::optional<std::vector<std::uint16_t>> assign(const TaskGroup& group, NodeNumber n, LogIndex index = 1) {
    return assign_ports(nodes, n, group, shape_of(group), index);
  }
};

TaskGroup group_with(std::vector<NetworkResource> own, std::vector<NetworkResource> of_task) {
  TaskGroup group = service("job", 1).task_groups[0];
  group.networks = std::move(own);
  group.tasks[0].resources.networks = std::move(of_task);
  return group;
}

}  // namespace

TEST_CASE("ports come in the order of the networks, reserved ones as asked for") {
  Fixture f;
  const auto ports = f.assign(group_with({{.dynamic_ports = {dynamic("b")}, .reserved_ports = {reserved("a", 80)}}},
                                         {{.dynamic_ports = {dynamic("d")}, .reserved_ports = {reserved("c", 443)}}}),
                              f.n1);
  REQUIRE(ports);
  REQUIRE(ports->size() == 4);
  CHECK((*ports)[0] == 80);
  CHECK(is_dynamic((*ports)[1]));
  CHECK((*ports)[2] == 443);
  CHECK(is_dynamic((*ports)[3]));
}

TEST_CASE("a group without networks has no ports, and that is no failure") {
  Fixture f;
  const auto ports = f.assign(group_with({}, {}), f.n1);
  REQUIRE(ports);
  CHECK(ports->empty());
}

TEST_CASE("dynamic ports of one allocation and of its neighbours on the node differ") {
  Fixture f;
  const TaskGroup group = group_with({}, {{.dynamic_ports = {dynamic("a"), dynamic("b"), dynamic("c")}}});
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 50; ++i) {
    const auto ports = f.assign(group, f.n1);
    REQUIRE(ports);
    f.nodes.take_room(f.n1, shape_of(group), *ports);
    seen.insert(ports->begin(), ports->end());
  }
  CHECK(seen.size() == 150);
  CHECK(std::all_of(seen.begin(), seen.end(), is_dynamic));
}

TEST_CASE("a dynamic port is none that a later network of the group reserves, even when both fill the range") {
  Fixture f;
  TaskGroup group = group_with({}, {{}});
  group.tasks.push_back(group.tasks[0]);
  group.tasks[1].name = "later";
  constexpr int all = dynamic_port_last - dynamic_port_first + 1;
  NetworkResource& first = group.tasks[0].resources.networks[0];
  NetworkResource& later = group.tasks[1].resources.networks[0];
  for (int i = 0; i < all; ++i) {
    if (i % 2 == 0) {
      later.reserved_ports.push_back(reserved("s" + std::to_string(i), dynamic_port_first + i));
    } else {
      first.dynamic_ports.push_back(dynamic("d" + std::to_string(i)));
    }
  }
  const auto ports = f.assign(group, f.n1);
  REQUIRE(ports);
  CHECK(std::set<std::uint16_t>(ports->begin(), ports->end()).size() == static_cast<std::size_t>(all));
  first.dynamic_ports.push_back(dynamic("one too many"));
  CHECK(!f.assign(group, f.n1));
}

TEST_CASE("where the search for dynamic ports starts depends on the index and the node") {
  Fixture f;
  const TaskGroup group = group_with({}, {{.dynamic_ports = {dynamic("a")}}});
  CHECK(f.assign(group, f.n1, 7) == f.assign(group, f.n1, 7));
  CHECK(f.assign(group, f.n1, 7) != f.assign(group, f.n1, 8));
  CHECK(f.assign(group, f.n1, 7) != f.assign(group, f.n2, 7));
}

TEST_CASE("a node whose dynamic ports are gone has none to give, until some are freed") {
  Fixture f;
  constexpr int all = dynamic_port_last - dynamic_port_first + 1;
  TaskGroup most = group_with({}, {{}});
  std::vector<std::uint16_t> taken;
  for (int i = 0; i < all - 1; ++i) {
    most.tasks[0].resources.networks[0].reserved_ports.push_back(reserved("p", dynamic_port_first + i));
    taken.push_back(static_cast<std::uint16_t>(dynamic_port_first + i));
  }
  f.nodes.take_room(f.n1, shape_of(most), taken);
  const TaskGroup one = group_with({}, {{.dynamic_ports = {dynamic("a")}}});
  const TaskGroup two = group_with({}, {{.dynamic_ports = {dynamic("a"), dynamic("b")}}});
  const auto last = f.assign(one, f.n1);
  REQUIRE(last);
  CHECK(*last == std::vector<std::uint16_t>{dynamic_port_last});
  CHECK(!f.assign(two, f.n1));
  CHECK(f.assign(two, f.n2));
}

TEST_CASE("port 0, which a log from elsewhere may hold, is never given") {
  Fixture f;
  CHECK(!f.assign(group_with({}, {{.reserved_ports = {reserved("zero", 0)}}}), f.n1));
}

#include "core/reducer/carried_ports.h"

#include <doctest/doctest.h>

#include <algorithm>

using namespace orch;

namespace {

Port fixed(const std::string& label, int value, int to = 0) { return {.label = label, .to = to, .value = value}; }
Port dynamic(const std::string& label) { return {.label = label}; }

Task task(const std::string& name, std::vector<Port> reserved, std::vector<Port> free) {
  Task made;
  made.name = name;
  made.resources.networks.push_back({.dynamic_ports = std::move(free), .reserved_ports = std::move(reserved)});
  return made;
}

TaskGroup group(std::vector<Task> tasks) {
  TaskGroup made;
  made.tasks = std::move(tasks);
  return made;
}

using Positions = std::vector<std::uint32_t>;

}  // namespace

TEST_CASE("ports that stand where they stood need no moving") {
  const TaskGroup g = group({task("a", {fixed("x", 80)}, {dynamic("y")}), task("b", {}, {dynamic("y")})});
  CHECK(carried_ports(g, g) == Positions{});
  CHECK(carried_ports(group({}), group({})) == Positions{});
}

TEST_CASE("ports follow their task and label, static before dynamic in each network") {
  // a: x 0, y 1, z 2; b: x 3
  const TaskGroup before =
      group({task("a", {fixed("x", 80)}, {dynamic("y"), dynamic("z")}), task("b", {}, {dynamic("x")})});
  TaskGroup now = group({task("b", {}, {dynamic("x")}), task("a", {fixed("x", 80)}, {dynamic("z"), dynamic("y")})});
  CHECK(carried_ports(before, now) == Positions{3, 0, 2, 1});
  // and the group's own come first, whatever a task calls its ports
  TaskGroup shared = before;
  shared.networks.push_back({.dynamic_ports = {dynamic("y")}});
  now.networks.push_back({.dynamic_ports = {dynamic("y")}});
  CHECK(carried_ports(shared, now) == Positions{0, 4, 1, 3, 2});
}

TEST_CASE("there and back again is where it began") {
  const Task b = task("b", {fixed("p", 3)}, {});
  const TaskGroup one = group({task("a", {fixed("p", 1), fixed("q", 2)}, {dynamic("r")}), b});
  const TaskGroup other = group({b, task("a", {fixed("q", 2), fixed("p", 1)}, {dynamic("r")})});
  const auto there = carried_ports(one, other), back = carried_ports(other, one);
  REQUIRE(there);
  REQUIRE(back);
  for (std::uint32_t i = 0; i < 4; ++i) CHECK((*there)[(*back)[i]] == i);
}

TEST_CASE("another value, kind, label, task or number of ports is not the same") {
  const TaskGroup before = group({task("a", {fixed("x", 80)}, {dynamic("y")})});
  for (const TaskGroup& now : {
           group({task("a", {fixed("x", 81)}, {dynamic("y")})}),
           group({task("a", {fixed("x", 80, 8080)}, {dynamic("y")})}),
           group({task("a", {fixed("y", 80)}, {dynamic("x")})}),
           group({task("a", {}, {dynamic("x"), dynamic("y")})}),
           group({task("a", {fixed("x", 80)}, {dynamic("z")})}),
           group({task("a", {fixed("x", 80)}, {})}),
           group({task("a", {fixed("x", 80)}, {dynamic("y"), dynamic("z")})}),
           group({task("b", {fixed("x", 80)}, {dynamic("y")})}),
       }) {
    CHECK(!carried_ports(before, now));
    CHECK(!carried_ports(now, before));
  }
}

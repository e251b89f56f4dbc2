// The rules' version: raised by a record, never lowered, and a reader stops where it does not know them.
#include <doctest/doctest.h>

#include "core/log/memory_log.h"
#include "core/reducer/fold.h"
#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

std::string group_of(GroupBuilder& group, std::uint16_t rules) {
  std::string bytes = group.finish({});
  stamp(bytes, {}, {}, rules);
  return bytes;
}

std::string raise_to(std::uint16_t version) {
  GroupBuilder group;
  group.add(wire::CreateRaiseRules(group.flat(), version));
  return group_of(group, 1);
}

std::string job_under(std::uint16_t rules, const std::string& id) {
  GroupBuilder group;
  group.register_job(service(id, 1), false, 0);
  return group_of(group, rules);
}

void append(MemoryLog& log, const std::vector<std::string>& groups) {
  std::vector<Bytes> all;
  for (const std::string& group : groups) all.push_back(bytes_of(group));
  REQUIRE(log.append(all));
}

}  // namespace

TEST_CASE("a record raises the rules, and the state hash says so") {
  Cluster c;
  CHECK(c.state.rules() == 1);
  const std::uint64_t before = c.state.hash();
  const std::string raise = raise_to(7);
  apply(c.state, 1, group_in(bytes_of(raise)), c.outcome);
  CHECK(c.outcome.commands.at(0).refusal == "");
  CHECK(c.state.rules() == 7);
  const std::string back = raise_to(6), same = raise_to(7);
  apply(c.state, 2, group_in(bytes_of(back)), c.outcome);
  CHECK(c.outcome.commands.at(0).refusal == "rules never step back");
  apply(c.state, 3, group_in(bytes_of(same)), c.outcome);
  CHECK(c.outcome.commands.at(0).refusal == "rules never step back");
  CHECK(c.state.rules() == 7);
  CHECK(c.state.hash() != before);
}

TEST_CASE("a reader stops before rules that it does not know, and keeps what it has") {
  for (const std::string& unknown : {raise_to(newest_rules + 1), job_under(newest_rules + 1, "b")}) {
    MemoryLog log("test");
    append(log, {job_under(1, "a"), unknown, job_under(1, "c")});
    State state("test");
    const auto done = fold(log, state, 0);
    REQUIRE(!done);
    CHECK(done.error().message.find("index 2") != std::string::npos);
    CHECK(done.error().message.find("rules " + std::to_string(newest_rules + 1)) != std::string::npos);
    CHECK(state.index() == 1);
    CHECK(state.find_job("a"));
    CHECK(!state.find_job("c"));
  }
}

TEST_CASE("a fold goes on where the state is and ends where it is told") {
  MemoryLog log("test");
  append(log, {job_under(1, "a"), job_under(1, "b"), job_under(1, "c")});
  State state("test");
  REQUIRE(fold(log, state, 2));
  CHECK(state.index() == 2);
  std::vector<LogIndex> seen;
  REQUIRE(fold(log, state, 0, [&](LogIndex index, const wire::Group&, const Outcome&) {
    seen.push_back(index);
    return true;
  }));
  CHECK(seen == std::vector<LogIndex>{3});
  CHECK(state.find_job("c"));
}

// Snapshots: what is read back is the state that was written, and goes on as it would have; damage is noticed.
#include <doctest/doctest.h>

#include <cstring>

#include "core/base/checksum.h"
#include "core/reducer/snapshot.h"
#include "tests/core/cluster.h"

using namespace orch;
using namespace orch::test;

namespace {

std::uint32_t next(std::uint64_t& dice, std::uint32_t below) {
  dice = dice * 6364136223846793005ull + 1442695040888963407ull;
  return static_cast<std::uint32_t>((dice >> 33) % below);
}

/// A random life of a small cluster, as groups.
class History {
 public:
  explicit History(std::uint64_t seed) : dice_(seed * 0x9e3779b97f4a7c15ull + 1) {}

  std::vector<std::string> live(std::size_t groups) {
    while (log_.size() < groups) {
      now_ = now_ + milliseconds(next(dice_, 20'000));
      deed();
      if (next(dice_, 4) != 0) plan();
    }
    return std::move(log_);
  }

 private:
  void record(GroupBuilder& group) {
    const std::string key = next(dice_, 3) == 0 ? "key-" + std::to_string(next(dice_, 40)) : "";
    std::string bytes = group.finish({.actor = "test", .idempotency_key = key});
    stamp(bytes, {1'700'000'000'000'000'000 + now_.ns}, now_, newest_rules);
    apply(state_, state_.index() + 1, group_in(bytes_of(bytes)), outcome_);
    log_.push_back(std::move(bytes));
  }

  void plan() {
    if (state_.pending().empty()) return;
    const Plan plan = schedule(state_, state_.pending().begin()->evaluation);
    GroupBuilder group;
    group.add(encode(group.flat(), plan));
    record(group);
  }

  void deed() {
    GroupBuilder group;
    auto& b = group.flat();
    const std::string job = "job" + std::to_string(next(dice_, 5)), node = "node" + std::to_string(next(dice_, 5));
    switch (next(dice_, 12)) {
      case 0:
      case 1:
      case 2: {
        Job made = service(job, static_cast<int>(next(dice_, 6)));
        made.priority = static_cast<std::int32_t>(20 + next(dice_, 3) * 20);
        made.meta["note"] = std::to_string(next(dice_, 3));
        Task& task = made.task_groups[0].tasks[0];
        task.resources.cpu = static_cast<std::int32_t>(100 + next(dice_, 15) * 100);
        if (next(dice_, 2) == 0)
          task.resources.networks.push_back({.mbits = 10, .dynamic_ports = {{.label = "http"}}, .reserved_ports = {}});
        if (next(dice_, 4) == 0) {
          TaskGroup more = made.task_groups[0];
          more.name = "second";
          made.task_groups.push_back(more);
        }
        if (next(dice_, 2) == 0) made = rolling(made, 1);
        group.register_job(made, next(dice_, 8) == 0, next(dice_, 30));
        break;
      }
      case 3: group.deregister_job(job, next(dice_, 2) == 0); break;
      case 4:
      case 5: {
        Node made;
        made.id = made.name = node;
        made.node_class = next(dice_, 2) == 0 ? "large" : "";
        made.attributes["driver.mock_driver"] = "1";
        made.resources = {.cpu = 3000, .disk_mb = 10240, .memory_mb = 4096, .networks = {{.mbits = 1000}}};
        group.register_node(made.id, made);
        break;
      }
      case 6: group.set_node_status(node, static_cast<NodeStatus>(next(dice_, 3))); break;
      case 7: group.add(wire::CreateSetNodeEligibility(b, b.CreateString(node), next(dice_, 2) == 0)); break;
      case 8:
        group.add(
            wire::CreateSetDeploymentStatus(b, next(dice_, static_cast<std::uint32_t>(state_.deployments().size()) + 1),
                                            static_cast<std::uint8_t>(next(dice_, 3))));
        break;
      case 9: group.tick("test"); break;
      default: {
        if (state_.allocations().empty()) return;
        const AllocationNumber n{next(dice_, static_cast<std::uint32_t>(state_.allocations().size()))};
        const auto numbers = b.CreateVector(std::vector<std::uint32_t>{n.value});
        const auto statuses = b.CreateVector(std::vector<std::uint8_t>{static_cast<std::uint8_t>(next(dice_, 4))});
        const auto healths = b.CreateVector(std::vector<std::uint8_t>{static_cast<std::uint8_t>(next(dice_, 3))});
        group.add(wire::CreateUpdateAllocations(b, state_.allocation(n).node.value, numbers, statuses, healths));
      }
    }
    record(group);
  }

  std::uint64_t dice_;
  State state_{"test"};
  Outcome outcome_;
  Elapsed now_;
  std::vector<std::string> log_;
};

std::string plan_for(const State& state) {
  if (state.pending().empty()) return {};
  GroupBuilder group;
  group.add(encode(group.flat(), schedule(state, state.pending().begin()->evaluation)));
  return group.finish({});
}

std::unique_ptr<State> read_back(const std::string& bytes) {
  auto state = read_snapshot(bytes);
  REQUIRE_MESSAGE(state, (state ? std::string() : state.error()));
  return std::move(*state);
}

}  // namespace

TEST_CASE("a state that was read from a snapshot goes on as the one that was written") {
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    CAPTURE(seed);
    const std::vector<std::string> log = History(seed).live(260);
    State whole("test");
    Outcome outcome, outcome_again;
    std::vector<std::unique_ptr<State>> resumed;
    for (std::size_t i = 0; i < log.size(); ++i) {
      const wire::Group& group = group_in(bytes_of(log[i]));
      apply(whole, i + 1, group, outcome);
      for (auto& state : resumed) {
        apply(*state, i + 1, group, outcome_again);
        REQUIRE(state->hash() == whole.hash());
        REQUIRE(outcome_again.events.size() == outcome.events.size());
        REQUIRE(outcome_again.commands.size() == outcome.commands.size());
        for (std::size_t k = 0; k < outcome.commands.size(); ++k) {
          CHECK(outcome_again.commands[k].refusal == outcome.commands[k].refusal);
          CHECK(outcome_again.commands[k].repeated == outcome.commands[k].repeated);
          CHECK(outcome_again.commands[k].evaluation == outcome.commands[k].evaluation);
        }
        for (std::size_t k = 0; k < outcome.events.size(); ++k)
          CHECK(outcome_again.events[k].number == outcome.events[k].number);
      }
      if (i % 40 == 17 || i == 0) {
        const std::string bytes = write_snapshot(whole);
        resumed.push_back(read_back(bytes));
        CHECK(resumed.back()->index() == i + 1);
        CHECK(resumed.back()->hash() == whole.hash());
        CHECK(resumed.back()->next_deadline() == whole.next_deadline());
        CHECK(plan_for(*resumed.back()) == plan_for(whole));
        CHECK(write_snapshot(*resumed.back()) == bytes);
      }
    }
    const std::string last = write_snapshot(whole);
    for (auto& state : resumed) CHECK(write_snapshot(*state) == last);
  }
}

TEST_CASE("an empty state has a snapshot too") {
  State state("test");
  const auto again = read_back(write_snapshot(state));
  CHECK(again->index() == 0);
  CHECK(again->hash() == state.hash());
}

TEST_CASE("damage of any byte, and any shorter file, is noticed") {
  const std::vector<std::string> log = History(3).live(60);
  State state("test");
  Outcome outcome;
  for (std::size_t i = 0; i < log.size(); ++i) apply(state, i + 1, group_in(bytes_of(log[i])), outcome);
  const std::string good = write_snapshot(state);
  REQUIRE(read_snapshot(good));
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (const int bit : {0, 3, 7}) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ (1 << bit));
      if (read_snapshot(bad)) FAIL_CHECK("byte ", i, " bit ", bit);
    }
  }
  for (std::size_t size = 0; size < good.size(); ++size) {
    if (read_snapshot(std::string_view(good).substr(0, size))) FAIL_CHECK("cut to ", size, " bytes");
  }
  CHECK(!read_snapshot(good + "x"));
}

TEST_CASE("columns that do not fit together are an error, also under a right checksum") {
  const std::vector<std::string> log = History(4).live(60);
  State state("test");
  Outcome outcome;
  for (std::size_t i = 0; i < log.size(); ++i) apply(state, i + 1, group_in(bytes_of(log[i])), outcome);
  const std::string good = write_snapshot(state);
  auto header = SnapshotHeader::decode(good);
  REQUIRE(header);
  std::size_t refused = 0;
  for (std::size_t i = SnapshotHeader::size; i < good.size(); ++i) {
    std::string body = good.substr(SnapshotHeader::size);
    body[i - SnapshotHeader::size] = static_cast<char>(body[i - SnapshotHeader::size] ^ 0x41);
    header->body_checksum = checksum(body.data(), body.size());
    refused += read_snapshot(header->encode() + body) ? 0 : 1;
  }
  // What the state hash does not cover (a description, a meta value) reads as something else; nothing crashes.
  CHECK(refused > (good.size() - SnapshotHeader::size) / 4);
}

TEST_CASE("a newer format and newer rules are told from damage") {
  State state("test");
  const std::string good = write_snapshot(state);
  auto header = SnapshotHeader::decode(good);
  REQUIRE(header);
  header->rules = 99;
  const auto newer_rules = SnapshotHeader::decode(header->encode());
  REQUIRE(!newer_rules);
  CHECK(newer_rules.error().find("rules 99") != std::string::npos);
  std::string newer = good.substr(0, SnapshotHeader::size);
  newer[8] = static_cast<char>(snapshot_format + 1);
  const std::uint64_t sum = checksum(newer.data(), newer.size() - 8);
  std::memcpy(newer.data() + newer.size() - 8, &sum, 8);
  const auto other = SnapshotHeader::decode(newer);
  REQUIRE(!other);
  CHECK(other.error().find("format " + std::to_string(snapshot_format + 1)) != std::string::npos);
}

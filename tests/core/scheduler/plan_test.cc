#include "core/scheduler/plan.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "tests/sim/dice.h"

using namespace orch;

namespace {

/// A plan of one or two groups: each placement has its own node, name, score and `ports_each` ports, some replace one
/// that the plan stops.
Plan random_plan(sim::Dice& dice) {
  Plan plan{.evaluation = {7}, .job = {3}, .job_version = 2, .state_index = 99, .create_deployment = true};
  std::uint32_t next = 1;
  const std::int64_t groups = dice.between(1, 2);
  for (std::int64_t g = 0; g < groups; ++g) {
    GroupPlacements p{.group = static_cast<std::uint16_t>(g)};
    const std::int64_t count = dice.between(1, 20), ports_each = dice.below(3);
    for (std::int64_t i = 0; i < count; ++i, ++next) {
      p.nodes.push_back(1000 + next);
      p.names.push_back(next);
      p.scores.push_back(static_cast<std::uint16_t>(next));
      const bool replaces = dice.one_in(3);
      p.replaces.push_back(replaces ? next + 1 : 0);
      if (replaces) plan.stops.push_back({{next}, StopReason::updated, false});
      for (std::int64_t k = 0; k < ports_each; ++k) p.ports.push_back(static_cast<std::uint16_t>(next * 10 + k));
    }
    plan.metrics.push_back({.group = p.group, .nodes_evaluated = 5});
    plan.desired.push_back({.group = p.group, .place = static_cast<std::uint32_t>(count)});
    plan.queued.push_back(0);
    plan.placements.push_back(std::move(p));
  }
  plan.stops.push_back({{500}, StopReason::not_needed, false});
  plan.in_place = {{600}, {601}};
  return plan;
}

std::size_t placements_in(const Plan& plan) {
  std::size_t count = 0;
  for (const GroupPlacements& p : plan.placements) count += p.nodes.size();
  return count;
}

/// All columns of a group, of all chunks one behind the other.
GroupPlacements whole_group(const std::vector<Plan>& chunks, std::uint16_t group) {
  GroupPlacements all{.group = group};
  const auto add = [](auto& to, const auto& from) { to.insert(to.end(), from.begin(), from.end()); };
  for (const Plan& chunk : chunks) {
    for (const GroupPlacements& p : chunk.placements) {
      if (p.group != group) continue;
      add(all.nodes, p.nodes), add(all.names, p.names), add(all.replaces, p.replaces);
      add(all.scores, p.scores), add(all.ports, p.ports);
    }
  }
  return all;
}

}  // namespace

TEST_CASE("chunks hold together what the plan held, each at most so much") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    sim::Dice dice(seed);
    const Plan plan = random_plan(dice);
    const auto limit = static_cast<std::size_t>(dice.between(1, 12));
    const std::vector<Plan> chunks = chunks_of(plan, limit);
    REQUIRE(!chunks.empty());
    std::size_t stops = 0;
    for (const Plan& chunk : chunks) {
      CHECK(placements_in(chunk) <= limit);
      CHECK(placements_in(chunk) >= 1);
      CHECK(chunk.evaluation == plan.evaluation);
      CHECK(chunk.job == plan.job);
      CHECK(chunk.job_version == plan.job_version);
      CHECK(chunk.state_index == plan.state_index);
      stops += chunk.stops.size();
    }
    CHECK(stops == plan.stops.size());
    for (const GroupPlacements& p : plan.placements) {
      const GroupPlacements all = whole_group(chunks, p.group);
      CHECK(all.nodes == p.nodes);
      CHECK(all.names == p.names);
      CHECK(all.replaces == p.replaces);
      CHECK(all.scores == p.scores);
      CHECK(all.ports == p.ports);
    }
  }
}

TEST_CASE("a stop travels with its replacement; what else stops or stays goes first, what is told of the whole last") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    sim::Dice dice(seed);
    const Plan plan = random_plan(dice);
    const std::vector<Plan> chunks = chunks_of(plan, static_cast<std::size_t>(dice.between(1, 12)));
    for (const Plan& chunk : chunks) {
      std::set<std::uint32_t> replaced;
      for (const GroupPlacements& p : chunk.placements) {
        for (std::uint32_t r : p.replaces) {
          if (r != 0) replaced.insert(r - 1);
        }
      }
      for (const WantedStop& stop : chunk.stops) {
        CHECK((replaced.erase(stop.allocation.value) == 1 ||
               (&chunk == &chunks.front() && stop.allocation.value == 500)));
      }
      CHECK(replaced.empty());
      CHECK(chunk.create_deployment == (&chunk == &chunks.front()));
      CHECK(chunk.in_place.size() == (&chunk == &chunks.front() ? 2 : 0));
      CHECK(chunk.desired.size() == (&chunk == &chunks.back() ? plan.desired.size() : 0));
      CHECK(chunk.queued.size() == (&chunk == &chunks.back() ? plan.queued.size() : 0));
    }
    CHECK(chunks.back().metrics.size() == plan.metrics.size());
  }
}

TEST_CASE("a plan that fits is one chunk, as it was") {
  sim::Dice dice(1);
  const Plan plan = random_plan(dice);
  CHECK(chunks_of(plan, placements_in(plan)).size() == 1);
  CHECK(chunks_of(plan, ~std::size_t{0}).size() == 1);
  CHECK(chunks_of(Plan{.create_deployment = true}, 1).size() == 1);
}

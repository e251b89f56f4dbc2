#include "core/scheduler/score.h"

#include <doctest/doctest.h>

using namespace orch;

namespace {

NodeState node_of(std::int64_t cpu, std::int64_t memory) {
  NodeState node;
  node.cpu = cpu, node.memory_mb = memory;
  return node;
}

GroupShape shape_of(std::int64_t cpu, std::int64_t memory) {
  GroupShape shape;
  shape.cpu = cpu, shape.memory_mb = memory;
  return shape;
}

}  // namespace

TEST_CASE("a power of ten is exact at its ends, never falls, and holds what lies beyond") {
  CHECK(power_of_ten(0, 7) == score_one);
  CHECK(power_of_ten(7, 7) == 10 * score_one);
  CHECK(power_of_ten(-3, 7) == score_one);
  CHECK(power_of_ten(70, 7) == 10 * score_one);
  CHECK(power_of_ten(1, 0) == score_one);
  for (int i = 0; i < 5000; ++i) CHECK(power_of_ten(i, 5000) <= power_of_ten(i + 1, 5000));
}

TEST_CASE("a node that the shape fills is the best fit, an empty one the worst") {
  const NodeState node = node_of(1000, 1000);
  CHECK(binpack(node, {}, shape_of(1000, 1000)) == score_one);
  CHECK(binpack(node, {}, shape_of(0, 0)) == 0);
  CHECK(binpack(node, {.cpu = 500}, shape_of(100, 100)) > binpack(node, {}, shape_of(100, 100)));
  CHECK(binpack(node_of(0, 0), {}, shape_of(0, 0)) == score_one);
}

TEST_CASE("siblings on a node count against it, and the more the more of the group they are") {
  CHECK(final_score(score_one, 0, 4) == score_one);
  CHECK(final_score(score_one, 1, 4) == (score_one - score_one / 2) / 2);
  CHECK(final_score(score_one, 2, 4) < final_score(score_one, 1, 4));
  CHECK(final_score(score_one, 1, 8) > final_score(score_one, 1, 4));
  CHECK(job_anti_affinity(0, 0) == -score_one);
}

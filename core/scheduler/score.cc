#include "core/scheduler/score.h"

#include <algorithm>
#include <array>

#include "core/base/assert.h"

namespace orch {
namespace {

constexpr int steps = 1024;

// table[i] = 10^(i/1024) in units of score_one.
constexpr std::array<Score, steps + 1> make_table() {
  constexpr std::uint64_t step = 1155516901883805270ull;  // 10^(1/1024) · 2^60
  std::array<Score, steps + 1> table{};
  unsigned __int128 value = static_cast<unsigned __int128>(1) << 60;
  for (int i = 0; i <= steps; ++i) {
    table[static_cast<std::size_t>(i)] = static_cast<Score>((value + (1ull << 39)) >> 40);
    value = (value * step) >> 60;
  }
  return table;
}

constexpr std::array<Score, steps + 1> table = make_table();
static_assert(table.front() == score_one && table.back() == 10 * score_one, "10^0 and 10^1 are exact");

}  // namespace

Score power_of_ten(std::int64_t numerator, std::int64_t denominator) {
  if (denominator <= 0) return table[0];  // a node that has none of it has none of it free
  const std::int64_t step = std::clamp<std::int64_t>(numerator * steps / denominator, 0, steps);
  return table[static_cast<std::size_t>(step)];
}

Score binpack(const NodeState& node, const NodeUse& use, const GroupShape& shape) {
  const Score cpu = power_of_ten(node.cpu - use.cpu - shape.cpu, node.cpu);
  const Score memory = power_of_ten(node.memory_mb - use.memory_mb - shape.memory_mb, node.memory_mb);
  return std::clamp<Score>(20 * score_one - cpu - memory, 0, 18 * score_one) / 18;
}

Score job_anti_affinity(std::uint32_t collisions, std::uint32_t desired) {
  return -static_cast<Score>(collisions + 1) * score_one / std::max<Score>(1, desired);
}

Score final_score(Score fit, std::uint32_t collisions, std::uint32_t desired) {
  ORCH_ASSERT(fit >= 0 && fit <= score_one, "a fit lies between nothing and one");
  if (collisions == 0) return fit;
  return (fit + job_anti_affinity(collisions, desired)) / 2;
}

}  // namespace orch

// Scores as integers, so that every machine and compiler ranks alike.
//
// One is 2^20. 10^x for x in [0, 1] comes from a table of 1,025 steps, built by repeated multiplication in 128 bits.
#pragma once

#include <cstdint>

#include "core/reducer/fit.h"
#include "core/reducer/state.h"

namespace orch {

using Score = std::int64_t;
inline constexpr Score score_one = 1 << 20;

/// 10^(numerator/denominator) in units of score_one; the fraction is clamped to [0, 1].
Score power_of_ten(std::int64_t numerator, std::int64_t denominator);

/// Best fit (Google's BestFit v3, as Nomad): (20 - 10^free_cpu - 10^free_mem) / 18, clamped to [0, 1], with the
/// fractions that are free once the shape is placed.
Score binpack(const NodeState& node, const NodeUse& use, const GroupShape& shape);

/// -(collisions + 1) / desired count; counts only when there are collisions.
Score job_anti_affinity(std::uint32_t collisions, std::uint32_t desired);

/// Mean of what applies: best fit, and anti-affinity when the node already runs allocations of the group.
Score final_score(Score fit, std::uint32_t collisions, std::uint32_t desired);

}  // namespace orch

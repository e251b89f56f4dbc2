// What lists are asked for; the views know the index of each one's last change.
#pragma once

#include <cstddef>
#include <cstdint>

namespace orch {

enum class Noun : std::uint8_t { jobs, nodes, allocations, evaluations, deployments, services };
inline constexpr std::size_t noun_count = 6;

}  // namespace orch

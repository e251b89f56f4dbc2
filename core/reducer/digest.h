// Digests of single objects; the state hash is their sum, so that changing one object costs one subtraction and one
// addition. The mixing function is the finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
#pragma once

#include <cstdint>
#include <string_view>

#include "core/reducer/state.h"

namespace orch {

constexpr std::uint64_t mix(std::uint64_t h, std::uint64_t value) {
  std::uint64_t z = h + 0x9e3779b97f4a7c15ull + value * 0xd1342543de82ef95ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

std::uint64_t digest_text(std::string_view text);
std::uint64_t digest(JobNumber n, const JobState& job);
std::uint64_t digest(NodeNumber n, const NodeState& node);
std::uint64_t digest(AllocationNumber n, const AllocationState& allocation);
std::uint64_t digest(EvaluationNumber n, const EvaluationState& evaluation);
std::uint64_t digest(DeploymentNumber n, const DeploymentState& deployment);

}  // namespace orch

// Digests of single objects; the state hash is their sum, so that changing one object costs one subtraction and one
// addition.
#pragma once

#include <cstdint>

#include "core/base/hash.h"
#include "core/reducer/state.h"

namespace orch {

std::uint64_t digest(JobNumber n, const JobState& job);
/// Of one entry of a job's summary; a part of the job's digest, which is a sum.
std::uint64_t digest_summary(JobNumber n, std::size_t position, const GroupSummary& summary);
std::uint64_t digest(NodeNumber n, const NodeState& node);
/// Of what is used on a node; a part of the node's digest, which is a sum.
std::uint64_t digest_use(NodeNumber n, const NodeState& node);
std::uint64_t digest(AllocationNumber n, const AllocationState& allocation);
std::uint64_t digest(EvaluationNumber n, const EvaluationState& evaluation);
std::uint64_t digest(DeploymentNumber n, const DeploymentState& deployment);
std::uint64_t digest(const std::string& key, const Receipt& receipt);

}  // namespace orch

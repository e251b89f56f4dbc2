// Placement metrics as Nomad's AllocMetric, and evaluations and deployments as JSON, from the state.
#pragma once

#include <string>

#include "core/base/id_codec.h"
#include "core/reducer/state.h"

namespace orch {

/// The fields without braces and without "Scores"; `coalesced` is how many failures stand behind this one.
void append_metrics_fields(std::string& out, const GroupMetrics& metrics, std::uint32_t coalesced);

/// Whole objects in Nomad's shape.
std::string evaluation_json(const State& state, const IdCodec& ids, EvaluationNumber n, WallTime now);
std::string deployment_json(const State& state, const IdCodec& ids, DeploymentNumber n);

}  // namespace orch

// Placement metrics as Nomad's AllocMetric, and evaluations and deployments as JSON, from the state.
#pragma once

#include <string>

#include "core/base/id_codec.h"
#include "core/model/json_writer.h"
#include "core/reducer/state.h"

namespace orch {

/// The members but "Scores"; `coalesced` is how many failures stand behind this one.
void append_metrics_members(JsonWriter& json, const GroupMetrics& metrics, std::uint32_t coalesced);

/// Whole objects in Nomad's shape.
std::string evaluation_json(const State& state, const IdCodec& ids, EvaluationNumber n, WallTime now);
std::string deployment_json(const State& state, const IdCodec& ids, DeploymentNumber n);

}  // namespace orch

#include "core/scheduler/plan.h"

#include <map>

namespace orch {
namespace {

using Builder = flatbuffers::FlatBufferBuilder;

auto encode_counts(Builder& b, const std::vector<NamedCount>& counts) {
  std::vector<flatbuffers::Offset<wire::Count>> offsets;
  for (const NamedCount& c : counts) offsets.push_back(wire::CreateCount(b, b.CreateString(c.name), c.count));
  return b.CreateVector(offsets);
}

flatbuffers::Offset<wire::GroupMetrics> encode_metrics(Builder& b, const GroupMetrics& m) {
  const auto available = encode_counts(b, m.nodes_available);
  const auto class_filtered = encode_counts(b, m.class_filtered);
  const auto constraint_filtered = encode_counts(b, m.constraint_filtered);
  const auto class_exhausted = encode_counts(b, m.class_exhausted);
  const auto dimension_exhausted = encode_counts(b, m.dimension_exhausted);
  return wire::CreateGroupMetrics(b, m.group, m.failed, m.nodes_evaluated, m.nodes_filtered, m.nodes_exhausted,
                                  available, class_filtered, constraint_filtered, class_exhausted,
                                  dimension_exhausted);
}

}  // namespace

flatbuffers::Offset<wire::SubmitPlan> encode(Builder& b, const Plan& plan) {
  std::vector<flatbuffers::Offset<wire::Placements>> placements;
  for (const GroupPlacements& p : plan.placements) {
    const auto nodes = b.CreateVector(p.nodes);
    const auto names = b.CreateVector(p.names);
    const auto scores = b.CreateVector(p.scores);
    bool replaces_any = false;
    for (std::uint32_t r : p.replaces) replaces_any |= r != 0;
    const auto replaces = replaces_any ? b.CreateVector(p.replaces) : 0;
    const auto ports = p.ports.empty() ? 0 : b.CreateVector(p.ports);
    placements.push_back(wire::CreatePlacements(b, p.group, nodes, names, scores, replaces, ports));
  }

  std::map<std::pair<StopReason, bool>, std::vector<std::uint32_t>> by_reason;
  for (const WantedStop& stop : plan.stops) by_reason[{stop.reason, stop.lost}].push_back(stop.allocation.value);
  std::vector<flatbuffers::Offset<wire::Stops>> stops;
  for (const auto& [reason, allocations] : by_reason) {
    stops.push_back(wire::CreateStops(b, static_cast<std::uint8_t>(reason.first), b.CreateVector(allocations),
                                      reason.second));
  }

  std::vector<std::uint32_t> in_place;
  for (AllocationNumber n : plan.in_place) in_place.push_back(n.value);
  std::vector<flatbuffers::Offset<wire::GroupMetrics>> metrics;
  for (const GroupMetrics& m : plan.metrics) metrics.push_back(encode_metrics(b, m));
  std::vector<flatbuffers::Offset<wire::DesiredUpdates>> desired;
  for (const DesiredUpdates& d : plan.desired) {
    desired.push_back(wire::CreateDesiredUpdates(b, d.group, d.ignore, d.place, d.migrate, d.stop, d.in_place,
                                                 d.destructive, d.canary));
  }

  const auto placements_vector = b.CreateVector(placements);
  const auto stops_vector = b.CreateVector(stops);
  const auto in_place_vector = b.CreateVector(in_place);
  const auto metrics_vector = b.CreateVector(metrics);
  const auto desired_vector = b.CreateVector(desired);
  const auto queued_vector = b.CreateVector(plan.queued);
  return wire::CreateSubmitPlan(b, plan.evaluation.value, true, plan.state_index, 0, scheduler_version,
                                plan.job.value, plan.job_version, plan.create_deployment, placements_vector,
                                stops_vector, in_place_vector, metrics_vector, desired_vector, queued_vector);
}

}  // namespace orch

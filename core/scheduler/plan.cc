#include "core/scheduler/plan.h"

#include <algorithm>
#include <map>
#include <type_traits>
#include <unordered_map>

#include "core/base/assert.h"

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

// What the reducer checks as well, of plans from elsewhere: there it is a refusal, here a bug.
bool is_whole(const GroupPlacements& p) {
  return !p.nodes.empty() && p.names.size() == p.nodes.size() && p.replaces.size() == p.nodes.size() &&
         p.scores.size() == p.nodes.size() && p.ports.size() % p.nodes.size() == 0;
}

}  // namespace

flatbuffers::Offset<wire::SubmitPlan> encode(Builder& b, const Plan& plan, bool last_chunk) {
  std::vector<flatbuffers::Offset<wire::Placements>> placements;
  for (const GroupPlacements& p : plan.placements) {
    ORCH_ASSERT(is_whole(p), "the columns of a group have a row for each placement");
    const auto nodes = b.CreateVector(p.nodes);
    const auto names = b.CreateVector(p.names);
    const auto scores = b.CreateVector(p.scores);
    bool replaces_any = false;  // most plans replace nobody, and a column of zeros is 4 bytes each
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
  return wire::CreateSubmitPlan(b, plan.evaluation.value, last_chunk, plan.state_index, 0, scheduler_version,
                                plan.job.value, plan.job_version, plan.create_deployment, placements_vector,
                                stops_vector, in_place_vector, metrics_vector, desired_vector, queued_vector);
}

std::vector<Plan> chunks_of(Plan plan, std::size_t limit) {
  ORCH_ASSERT(limit > 0, "a chunk has room for a placement");
  std::size_t placements = 0;
  for (const GroupPlacements& p : plan.placements) placements += p.nodes.size();
  std::vector<Plan> chunks;
  if (placements <= limit) {
    chunks.push_back(std::move(plan));
    return chunks;
  }
  const auto begin = [&]() -> Plan& {
    chunks.push_back({.evaluation = plan.evaluation,
                      .job = plan.job,
                      .job_version = plan.job_version,
                      .state_index = plan.state_index});
    return chunks.back();
  };
  std::unordered_map<std::uint32_t, std::size_t> chunk_of_replaced;  // looked up, never walked
  std::size_t room = 0;
  for (const GroupPlacements& p : plan.placements) {
    ORCH_ASSERT(is_whole(p), "the columns of a group have a row for each placement");
    const std::size_t ports_each = p.ports.size() / p.nodes.size();
    for (std::size_t from = 0; from < p.nodes.size();) {
      if (room == 0) {
        begin();
        room = limit;
      }
      const std::size_t to = std::min(p.nodes.size(), from + room);
      const auto part = [](const auto& column, std::size_t first, std::size_t end) {
        return std::decay_t<decltype(column)>(column.begin() + static_cast<std::ptrdiff_t>(first),
                                              column.begin() + static_cast<std::ptrdiff_t>(end));
      };
      chunks.back().placements.push_back({.group = p.group,
                                          .nodes = part(p.nodes, from, to),
                                          .names = part(p.names, from, to),
                                          .replaces = part(p.replaces, from, to),
                                          .scores = part(p.scores, from, to),
                                          .ports = part(p.ports, from * ports_each, to * ports_each)});
      for (const GroupMetrics& m : plan.metrics) {
        if (m.group == p.group) chunks.back().metrics.push_back(m);
      }
      for (std::size_t i = from; i < to; ++i) {
        if (p.replaces[i] != 0) chunk_of_replaced[p.replaces[i] - 1] = chunks.size() - 1;
      }
      room -= to - from;
      from = to;
    }
  }
  for (const WantedStop& stop : plan.stops) {
    const auto with = chunk_of_replaced.find(stop.allocation.value);
    chunks[with == chunk_of_replaced.end() ? 0 : with->second].stops.push_back(stop);
  }
  ORCH_ASSERT(chunks.size() == (placements + limit - 1) / limit, "every chunk but the last is full");
  // Before all else: what is placed later counts in the deployment, and what moves in place keeps its room.
  chunks.front().create_deployment = plan.create_deployment;
  chunks.front().in_place = std::move(plan.in_place);
  chunks.back().metrics = std::move(plan.metrics);
  chunks.back().desired = std::move(plan.desired);
  chunks.back().queued = std::move(plan.queued);
  return chunks;
}

}  // namespace orch

// A plan: one scheduling decision as columns, ready to become a SubmitPlan command.
//
// What always holds: a group stands in `placements` once, with all columns of one length and as many ports for each of
// its placements as its shape asks for; `queued`, `desired` and `destructive_in_all` have one entry per group of the
// job's newest version, in its order. The reducer checks a plan again when it is applied (core/reducer/plan.cc).
#pragma once

#include <cstdint>
#include <vector>

#include "core/reducer/state.h"
#include "core/scheduler/reconcile.h"
#include "record_generated.h"

namespace orch {

inline constexpr std::uint16_t scheduler_version = 1;

/// The placements of one group, at least one.
struct GroupPlacements {
  std::uint16_t group = 0;
  std::vector<std::uint32_t> nodes, names, replaces;  // replaces: allocation + 1, 0 none
  std::vector<std::uint16_t> scores, ports;
};

struct Plan {
  EvaluationNumber evaluation;
  JobNumber job;
  std::uint32_t job_version = 0;
  LogIndex state_index = 0;
  bool create_deployment = false;
  std::vector<GroupPlacements> placements;
  std::vector<WantedStop> stops;
  std::vector<AllocationNumber> in_place;
  std::vector<GroupMetrics> metrics;      // of every group that placed or failed to
  std::vector<DesiredUpdates> desired;
  std::vector<std::uint32_t> queued;      // per group
  std::vector<std::uint32_t> destructive_in_all;  // per group; shown by `job plan`, not recorded
};

flatbuffers::Offset<wire::SubmitPlan> encode(flatbuffers::FlatBufferBuilder& builder, const Plan& plan,
                                             bool last_chunk = true);

/// Cuts a plan into chunks of at most `limit` placements, each a valid plan by itself, to be submitted in order: a stop
/// travels with its replacement, everything else that stops or stays goes first. Only the last chunk ends the
/// evaluation; it carries what is told about the whole.
std::vector<Plan> chunks_of(Plan plan, std::size_t limit);

}  // namespace orch

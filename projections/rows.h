// The rows of the views: which table holds what, and its bytes.
//
//   job_ids            job id                     -> number, index of the last change, the list entry (JSON)
//   jobs               (job, index) versioned     -> JobRow
//   job_versions       (job, version)             -> JobVersionRow
//   job_chunks         (job, first allocation)    -> nothing
//   job_evaluations    (job, evaluation)          -> nothing
//   job_deployments    (job, deployment)          -> nothing
//   chunks             first allocation           -> ChunkRow: the placements of one group by one plan, as columns
//   evaluation_chunks  (evaluation, first)        -> nothing for a chunk, one byte for an allocation updated in place
//   node_changes       (node, index of a flush)   -> NodeChangesRow: allocations placed or told otherwise since then
//   allocation_desired (allocation, index)        -> DesiredRow, once the cluster has changed its mind
//   allocation_client  (node, allocation, index)  -> ClientRow, once its client has reported
//   allocation_health  (node, allocation, index)  -> HealthRow
//   evaluations        (evaluation, index)        -> JSON
//   deployments        (deployment, index)        -> JSON
//   nodes              (node, index)              -> NodeRow
//   node_ids           uuid                       -> number
//   services           (node, index) versioned    -> JSON list
//   events             index (8 bytes)            -> what the group did: kind, command, number, count, 10 bytes each
//   refusals           (index, command)           -> RefusalRow, of a command refused, repeated or done in part
//   meta              "index:NOUN"               -> index of that noun's last change
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/reducer/event.h"
#include "core/reducer/state.h"
#include "projections/noun.h"
#include "projections/row_codec.h"

namespace orch {

std::string index_key(LogIndex index);
LogIndex index_of_key(std::string_view key);

std::string noun_key(Noun noun);

/// Why a command of the log did nothing, or not all that it says.
struct RefusalRow {
  std::string_view reason;           ///< empty: not refused as a whole
  LogIndex first_index;              ///< of a repeat: where the first stands; else 0
  std::uint32_t refused_placements;  ///< rows of a plan or a report that the state did not take

  static void encode(RowWriter& out, const CommandOutcome& outcome);
  static RefusalRow decode(std::string_view row);
};

struct JobRow {
  std::string_view id;
  LogIndex create_index, modify_index, summary_index;
  std::uint8_t status;
  bool stopped, purged;
  DeploymentNumber deployment;
  struct Version {
    std::uint32_t number;
    bool stable;
  };
  std::vector<Version> versions;  // oldest first
  struct Group {
    std::string_view name;
    std::array<std::uint32_t, 6> counts;  // queued, starting, running, failed, complete, lost
  };
  std::vector<Group> groups;

  static std::string encode(const JobState& job);
  static JobRow decode(std::string_view row);
  bool stable(std::uint32_t version) const;
};

/// One version of a job. `fields` is the job's JSON without braces. A group's `resources` is the JSON of what an
/// allocation gets (Resources, SharedResources, TaskResources) with holes: byte 1 stands for the node's address, 2 for
/// its device, 3 and two more bytes for a port by its place.
struct JobVersionRow {
  LogIndex job_modify_index;
  WallTime submit_time;
  bool stop;
  std::string_view type, fields;
  struct Group {
    std::string_view name, resources;
    std::uint32_t ports;
  };
  std::vector<Group> groups;

  static std::string encode(const JobVersion& version, bool stop);
  static JobVersionRow decode(std::string_view row);
};

struct ChunkRow {
  LogIndex index;
  WallTime wall;
  JobNumber job;
  std::uint32_t version;
  EvaluationNumber evaluation;
  DeploymentNumber deployment;
  std::uint16_t group;
  std::uint16_t ports_each;
  std::string_view metrics;  // JSON without braces and without Scores
  ColumnView<std::uint32_t> nodes, names, previous;
  ColumnView<std::uint16_t> scores, ports;

  static ChunkRow decode(std::string_view row);
};
std::string encode_chunk(const State& state, LogIndex index, WallTime wall, std::uint32_t first, std::uint32_t count,
                         std::string_view metrics);

struct DesiredRow {
  std::uint8_t desired, client, reason;
  std::uint16_t group;
  std::uint32_t version;
  EvaluationNumber evaluation;
  DeploymentNumber deployment;
  AllocationNumber next;
  WallTime wall;

  static void encode(RowWriter& row, const AllocationState& allocation, WallTime wall);
  static DesiredRow decode(std::string_view row);
};

struct ClientRow {
  std::uint8_t client;
  WallTime wall;
  std::string_view description, task_states;

  static void encode(RowWriter& row, std::uint8_t client, WallTime wall, std::string_view description,
                     std::string_view task_states);
  static ClientRow decode(std::string_view row);
};

struct HealthRow {
  std::uint8_t health;
  WallTime wall;

  static void encode(RowWriter& row, Health health, WallTime wall);
  static HealthRow decode(std::string_view row);
};

/// What the servers changed of a node's allocations between two flushes: all that its client waits for.
struct NodeChangesRow {
  ColumnView<std::uint32_t> allocations;  // ascending
  ColumnView<std::uint8_t> desired, watched;

  static std::string encode(const State& state, std::vector<std::uint32_t>& allocations);  ///< sorts them
  static NodeChangesRow decode(std::string_view row);
};

struct NodeRow {
  LogIndex modify_index;
  NodeStatus status;
  bool eligible;
  std::string_view uuid, name, ip, device, stub, whole;
  std::vector<std::string_view> events;  // as they stand in `whole`

  static std::string encode(const NodeState& node, const std::vector<std::string>& events);
  static NodeRow decode(std::string_view row);
};

}  // namespace orch

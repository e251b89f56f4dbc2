// The rows of the views: which table holds what, and its bytes.
//
//   job_ids            job id                     -> JobEntry (job_entry.h)
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
//   evaluations        (evaluation, index)        -> EvaluationRow
//   deployments        (deployment, index)        -> DeploymentRow
//   nodes              (node, index)              -> NodeRow (node_row.h)
//   node_ids           uuid                       -> number
//   services           (node, index) versioned    -> JSON list
//   events             index (8 bytes)            -> what the group did: kind, command, number, count, 10 bytes each
//   refusals           (index, command)           -> RefusalRow, of a command refused, repeated or done in part
//   meta              "index:NOUN"               -> index of that noun's last change
//
// Rows are columns; JSON is made when somebody asks. Some hold JSON on purpose, each a whole value or all members of
// one, never cut or searched: a job's own fields and a node's (written once, hundreds of members, most of every answer
// that shows them), a job's list entry (`GET /v1/jobs` copies ten thousand of them), an evaluation and a deployment (a
// version never changes and is listed often). What a node reports as JSON, task states and services, is kept as it
// came.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/time.h"
#include "core/reducer/event.h"
#include "core/reducer/state.h"
#include "projections/node_row.h"
#include "projections/noun.h"
#include "projections/resources_row.h"
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

/// One version of a job. `fields` is the job's JSON without braces; `resources` is a ResourcesRow (resources_row.h).
struct JobVersionRow {
  LogIndex job_modify_index;
  WallTime submit_time;
  bool stop;
  std::string_view type, fields;
  struct Group {
    std::string_view name, resources;
  };
  std::vector<Group> groups;

  static std::string encode(const JobVersion& version, bool stop);
  static JobVersionRow decode(std::string_view row);
};

/// An evaluation as JSON, and what it is of.
struct EvaluationRow {
  JobNumber job;
  DeploymentNumber deployment;  ///< none: it has no part in any
  std::string_view json;

  static void encode(RowWriter& out, JobNumber job, DeploymentNumber deployment, std::string_view json);
  static EvaluationRow decode(std::string_view row);
};

struct DeploymentRow {
  JobNumber job;
  std::string_view json;

  static void encode(RowWriter& out, JobNumber job, std::string_view json);
  static DeploymentRow decode(std::string_view row);
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
  ColumnView<std::uint32_t> nodes, names, previous;
  ColumnView<std::uint16_t> scores, ports;

  static ChunkRow decode(std::string_view row);
  /// What the plan counted while it looked for nodes; none when it does not say. Decoded when it is asked for.
  std::optional<GroupMetrics> metrics() const;

 private:
  std::string_view metrics_;
};
std::string encode_chunk(const State& state, LogIndex index, WallTime wall, std::uint32_t first, std::uint32_t count,
                         const std::optional<GroupMetrics>& metrics);

/// Ports are told again: of an allocation that went on under another version, they stand in that version's order now.
struct DesiredRow {
  std::uint8_t desired, client, reason;
  std::uint16_t group;
  std::uint32_t version;
  EvaluationNumber evaluation;
  DeploymentNumber deployment;
  AllocationNumber next;
  WallTime wall;
  ColumnView<std::uint16_t> ports;  // empty: none, or as told before

  static void encode(RowWriter& row, const AllocationState& allocation, WallTime wall,
                     const std::vector<std::uint16_t>& ports);
  static DesiredRow decode(std::string_view row);
};

struct ClientRow {
  std::uint8_t client;
  WallTime wall;
  std::string_view description, task_states;  // the states as the report brought them (core/model/tables.h)

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

}  // namespace orch

// The objects that a state is made of: jobs, nodes, allocations, evaluations, deployments, and answers remembered.
//
// Plain data, kept by `State` (state.h) in vectors by number. Only `StateEdit` changes an object that is in a state.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/numbers.h"
#include "core/base/time.h"
#include "core/log/log.h"
#include "core/model/job.h"
#include "core/model/node.h"
#include "core/model/status.h"

namespace orch {

/// What one allocation of a task group asks of a node. Derived once per job version.
struct GroupShape {
  std::int64_t cpu = 0;        // MHz
  std::int64_t memory_mb = 0;
  std::int64_t disk_mb = 0;
  std::int64_t mbits = 0;
  std::vector<std::uint16_t> static_ports;
  std::uint32_t dynamic_ports = 0;
  std::uint32_t port_count() const { return dynamic_ports + static_cast<std::uint32_t>(static_ports.size()); }
};

GroupShape shape_of(const TaskGroup& group);

struct JobVersion {
  std::shared_ptr<const Job> job;
  std::vector<GroupShape> shapes;             // by position of the group
  std::vector<std::uint16_t> summary_positions;  // by position of the group: its entry in JobState::summary
  std::uint32_t version = 0;
  bool stable = false;
  LogIndex job_modify_index = 0;
  WallTime submit_time;
};

/// How many allocations of a group are in each client status; Nomad's job summary.
struct GroupSummary {
  std::string name;
  std::uint32_t queued = 0, starting = 0, running = 0, failed = 0, complete = 0, lost = 0;
};

struct JobState {
  std::string id;
  std::uint64_t id_digest = 0;
  std::deque<JobVersion> versions;  // oldest first, at most `kept_versions`
  LogIndex create_index = 0, modify_index = 0, summary_index = 0;
  bool stopped = false, purged = false;
  JobStatus status = JobStatus::pending;
  std::vector<AllocationNumber> current;  // wanted (desired status run) and not replaced, in order of number
  std::vector<GroupSummary> summary;      // in order of first appearance
  std::uint32_t live = 0;                 // allocations that hold room: wanted, and not ended on their node
  DeploymentNumber deployment;            // the newest
  EvaluationNumber pending;               // at most one waits for a plan
  EvaluationNumber blocked;

  static constexpr std::size_t kept_versions = 6;
  const JobVersion& newest() const { return versions.back(); }
  const Job& job() const { return *versions.back().job; }
  const JobVersion* version(std::uint32_t number) const;
  /// The group's position in `summary`, where it is added at the end if new.
  std::uint16_t summary_position(std::string_view group);
};

struct NodeState {
  std::shared_ptr<const Node> node;
  std::uint64_t id_digest = 0;
  NodeStatus status = NodeStatus::initializing;
  bool eligible = true;
  LogIndex create_index = 0, modify_index = 0;
  WallTime registered_at, status_at;
  std::int64_t cpu = 0, memory_mb = 0, disk_mb = 0, mbits = 0;  // capacity less what is reserved
  std::int64_t cpu_used = 0, memory_used_mb = 0, disk_used_mb = 0, mbits_used = 0;
  std::vector<std::uint16_t> ports;            // in use, sorted
  std::vector<AllocationNumber> allocations;   // desired run and not terminal on the client
  LogIndex allocations_index = 0;              // last change of what the node should run
  std::string secret_digest;                   // of the secret that it first registered with; empty: it brought none
  bool ready() const { return status == NodeStatus::ready && eligible; }
};

/// One allocation. 56 bytes; kept in a vector by number.
struct AllocationState {
  JobNumber job;
  NodeNumber node;
  EvaluationNumber evaluation;
  DeploymentNumber deployment;
  AllocationNumber previous, next;
  std::uint32_t job_version = 0;
  std::uint32_t name = 0;             // index in job.group[index]
  std::uint32_t ports_begin = 0;      // in State::ports
  std::uint16_t group = 0;            // position in the job version
  std::uint16_t summary = 0;          // position in the job's summary, also when the version is forgotten
  std::uint16_t score = 0;
  DesiredStatus desired = DesiredStatus::run;
  ClientStatus client = ClientStatus::pending;
  Health health = Health::unset;
  bool reschedule_due = false;  // failed, and its delay is over: the next evaluation replaces it
  StopReason reason = StopReason::not_needed;  // means something once desired is not run
  LogIndex modify_index = 0;
  bool holds_room() const { return desired == DesiredStatus::run && !is_terminal(client); }
};

struct NamedCount {
  std::string name;
  std::uint32_t count = 0;
};

/// Why a group's allocations were or were not placed; counts over the nodes that were looked at.
struct GroupMetrics {
  std::uint16_t group = 0;
  std::uint32_t failed = 0, nodes_evaluated = 0, nodes_filtered = 0, nodes_exhausted = 0;
  std::vector<NamedCount> nodes_available, class_filtered, constraint_filtered, class_exhausted, dimension_exhausted;
};

struct DesiredUpdates {
  std::uint16_t group = 0;
  std::uint32_t ignore = 0, place = 0, migrate = 0, stop = 0, in_place = 0, destructive = 0, canary = 0;
};

struct EvaluationState {
  JobNumber job;
  EvaluationNumber previous, next, blocked;
  DeploymentNumber deployment;
  NodeNumber node;
  Trigger trigger = Trigger::job_register;
  EvaluationStatus status = EvaluationStatus::pending;
  std::int32_t priority = 50;
  LogIndex create_index = 0, modify_index = 0, state_index = 0, job_modify_index = 0;
  WallTime created_at;
  std::string description;
  std::vector<NamedCount> queued;        // by group name
  std::vector<GroupMetrics> failed;      // groups that could not be placed in full
  std::uint32_t job_version = 0;
  std::uint32_t refused_plans = 0;  // decisions that were refused, in whole or in part, since it last woke
  LogIndex refused_decision = 0;    // the state that the last of them was made on
};

struct DeploymentGroup {
  std::string name;
  std::uint32_t desired = 0, placed = 0, healthy = 0, unhealthy = 0;
  Duration progress_deadline;
  Elapsed require_progress_by;   // decides
  WallTime require_progress_at;  // shown
};

struct DeploymentState {
  JobNumber job;
  std::uint32_t job_version = 0;
  LogIndex job_create_index = 0, job_modify_index = 0, create_index = 0, modify_index = 0;
  DeploymentStatus status = DeploymentStatus::running;
  std::string description;
  std::vector<DeploymentGroup> groups;
  Elapsed watched = Elapsed::never();  // its entry among the state's progress deadlines
};

/// The answer that a command's first appearance got; a repeat under the same key gets it again.
struct Receipt {
  LogIndex index = 0;
  std::string refusal;  // empty: accepted
  EvaluationNumber evaluation;
  LogIndex job_modify_index = 0;
  std::uint64_t request_digest = 0;  // 0: nobody told
};

}  // namespace orch

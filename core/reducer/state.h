// The state: all that the reducer derives from the log, held in dense vectors by number.
//
// Only `apply` (apply.h) changes it; the scheduler, the views and the loop read it. One thread owns it. Nothing in it
// depends on addresses, hash order, clocks or machines: two folds of one log are equal, and `hash()` says so in 8
// bytes. The hash is a sum over objects, kept up to date by whoever changes one (`StateEdit`), so it costs nothing to
// ask.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
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
  std::vector<AllocationNumber> current;  // desired status run, in order of number
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

class State {
 public:
  explicit State(std::string cluster_id) : cluster_id_(std::move(cluster_id)) {}

  const std::string& cluster_id() const { return cluster_id_; }
  LogIndex index() const { return index_; }
  Elapsed elapsed() const { return elapsed_; }
  WallTime wall() const { return wall_; }
  std::uint16_t rules() const { return rules_; }
  std::uint64_t hash() const;

  const std::vector<JobState>& jobs() const { return jobs_; }
  const std::vector<NodeState>& nodes() const { return nodes_; }
  const std::vector<AllocationState>& allocations() const { return allocations_; }
  const std::vector<EvaluationState>& evaluations() const { return evaluations_; }
  const std::vector<DeploymentState>& deployments() const { return deployments_; }

  const JobState& job(JobNumber n) const { return jobs_[n.value]; }
  const NodeState& node(NodeNumber n) const { return nodes_[n.value]; }
  const AllocationState& allocation(AllocationNumber n) const { return allocations_[n.value]; }
  const EvaluationState& evaluation(EvaluationNumber n) const { return evaluations_[n.value]; }
  const DeploymentState& deployment(DeploymentNumber n) const { return deployments_[n.value]; }

  /// The job that has this id now; none when there is none or it was purged.
  JobNumber find_job(std::string_view id) const;
  NodeNumber find_node(std::string_view uuid) const;
  const Receipt* find_receipt(std::string_view key) const;

  /// Host ports of an allocation, in the order of its group's networks.
  std::vector<std::uint16_t> ports_of(AllocationNumber n) const;
  const TaskGroup& group_of(const AllocationState& allocation) const;
  const GroupShape& shape_of(const AllocationState& allocation) const;

  /// Evaluations that wait for a plan, in the order in which they are to be taken: priority, then age.
  struct PendingOrder {
    std::int32_t priority;
    EvaluationNumber evaluation;
    bool operator<(const PendingOrder& o) const {
      return priority != o.priority ? priority > o.priority : evaluation < o.evaluation;
    }
  };
  const std::set<PendingOrder>& pending() const { return pending_; }

  /// Index of the last change of any node's properties, status or eligibility (not of what it runs).
  LogIndex nodes_index() const { return nodes_index_; }

  /// The earliest instant at which a Tick would change something; Elapsed::never() when there is none.
  Elapsed next_deadline() const;

 private:
  friend class StateEdit;
  friend class SnapshotWriter;
  friend class SnapshotReader;

  std::string cluster_id_;
  LogIndex index_ = 0, nodes_index_ = 0;
  Elapsed elapsed_;
  WallTime wall_;
  std::uint16_t rules_ = 1;
  std::uint64_t objects_hash_ = 0;

  std::vector<JobState> jobs_;
  std::vector<NodeState> nodes_;
  std::vector<AllocationState> allocations_;
  std::vector<EvaluationState> evaluations_;
  std::vector<DeploymentState> deployments_;
  std::vector<std::uint16_t> ports_;

  std::unordered_map<std::string, JobNumber> job_by_id_;    // looked up, never walked
  std::unordered_map<std::string, NodeNumber> node_by_id_;  // looked up, never walked
  std::unordered_map<std::string, Receipt> receipts_;       // looked up, never walked
  struct ReceiptAge {
    Elapsed at;
    std::string key;
  };
  std::deque<ReceiptAge> receipt_ages_;  // in log order
  std::set<PendingOrder> pending_;
  std::set<EvaluationNumber> blocked_;
  std::set<std::pair<Elapsed, DeploymentNumber>> progress_deadlines_;
  std::set<std::pair<Elapsed, AllocationNumber>> reschedules_;
};

}  // namespace orch

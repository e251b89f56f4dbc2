// The state: all that the reducer derives from the log, held in dense vectors by number.
//
// Only `apply` (apply.h) changes it, by the one hand that may (`StateEdit`); the scheduler, the views and the loop read
// it. One thread owns it. Nothing in it depends on addresses, hash order, clocks or machines: two folds of one log are
// equal, and `hash()` says so in 8 bytes. The hash is a sum over objects, kept up to date at every change, so it costs
// nothing to ask.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/reducer/state_objects.h"

namespace orch {

/// What a state is made of; all else in it (hash, indexes) follows from these, and `State::restore` derives it.
struct StateColumns {
  LogIndex nodes_index = 0;
  Elapsed elapsed;
  WallTime wall;
  std::vector<JobState> jobs;
  std::vector<NodeState> nodes;
  std::vector<AllocationState> allocations;
  std::vector<EvaluationState> evaluations;
  std::vector<DeploymentState> deployments;
  std::vector<std::uint16_t> ports;  // of all allocations, each one's own side by side
};

/// A remembered answer with the key that it is remembered under, and since when.
struct ReceiptRow {
  Elapsed at;
  std::string key;
  Receipt receipt;
};

/// An evaluation that waits for a plan, in the order in which they are to be taken: priority, then age.
struct PendingOrder {
  std::int32_t priority;
  EvaluationNumber evaluation;
  bool operator<(const PendingOrder& o) const {
    return priority != o.priority ? priority > o.priority : evaluation < o.evaluation;
  }
  bool operator==(const PendingOrder&) const = default;
};

class State {
 public:
  explicit State(std::string cluster_id) : cluster_id_(std::move(cluster_id)) {}

  using Reschedules = std::set<std::pair<Elapsed, AllocationNumber>>;
  using ProgressDeadlines = std::set<std::pair<Elapsed, DeploymentNumber>>;

  /// The state that these columns describe, with hash and indexes derived anew; null when they contradict each other.
  static std::unique_ptr<State> restore(std::string cluster_id, LogIndex index, std::uint16_t rules,
                                        StateColumns columns, std::vector<ReceiptRow> receipts,
                                        Reschedules reschedules);

  const std::string& cluster_id() const { return cluster_id_; }
  LogIndex index() const { return index_; }
  Elapsed elapsed() const { return columns_.elapsed; }
  WallTime wall() const { return columns_.wall; }
  std::uint16_t rules() const { return rules_; }
  std::uint64_t hash() const;

  const StateColumns& columns() const { return columns_; }
  const std::vector<JobState>& jobs() const { return columns_.jobs; }
  const std::vector<NodeState>& nodes() const { return columns_.nodes; }
  const std::vector<AllocationState>& allocations() const { return columns_.allocations; }
  const std::vector<EvaluationState>& evaluations() const { return columns_.evaluations; }
  const std::vector<DeploymentState>& deployments() const { return columns_.deployments; }

  const JobState& job(JobNumber n) const { return columns_.jobs[n.value]; }
  const NodeState& node(NodeNumber n) const { return columns_.nodes[n.value]; }
  const AllocationState& allocation(AllocationNumber n) const { return columns_.allocations[n.value]; }
  const EvaluationState& evaluation(EvaluationNumber n) const { return columns_.evaluations[n.value]; }
  const DeploymentState& deployment(DeploymentNumber n) const { return columns_.deployments[n.value]; }

  /// The job that has this id now; none when there is none or it was purged.
  JobNumber find_job(std::string_view id) const;
  NodeNumber find_node(std::string_view uuid) const;
  const Receipt* find_receipt(std::string_view key) const;
  /// All answers remembered, oldest first.
  std::vector<ReceiptRow> receipts() const;

  /// Host ports of an allocation, in the order of its group's networks.
  std::vector<std::uint16_t> ports_of(AllocationNumber n) const;
  const TaskGroup& group_of(const AllocationState& allocation) const;
  const GroupShape& shape_of(const AllocationState& allocation) const;

  /// Evaluations that wait for a plan, the next one first.
  const std::set<PendingOrder>& pending() const { return pending_; }
  /// Evaluations that wait for room.
  const std::set<EvaluationNumber>& blocked() const { return blocked_; }
  /// When running deployments fail unless an allocation has become healthy by then.
  const ProgressDeadlines& progress_deadlines() const { return progress_deadlines_; }
  /// When the delays of failed allocations are over.
  const Reschedules& reschedules() const { return reschedules_; }

  /// Index of the last change of any node's properties, status or eligibility (not of what it runs).
  LogIndex nodes_index() const { return columns_.nodes_index; }

  /// The earliest instant at which a Tick would change something; Elapsed::never() when there is none.
  Elapsed next_deadline() const;

 private:
  friend class StateEdit;  // and nobody else

  /// Hash and indexes from the columns; false when those contradict each other.
  bool derive();

  std::string cluster_id_;
  LogIndex index_ = 0;
  std::uint16_t rules_ = 1;
  std::uint64_t objects_hash_ = 0;
  StateColumns columns_;

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
  ProgressDeadlines progress_deadlines_;
  Reschedules reschedules_;
};

}  // namespace orch

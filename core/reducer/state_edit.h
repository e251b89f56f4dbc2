// The only hand that changes a State: one StateEdit per applied group, shared by the files of this folder.
//
// It keeps three things true at every change: the state hash, the indexes beside the columns (pending evaluations,
// deadlines, what a node holds), and the list of events. `change` takes the object's digest out of the hash, lets the
// function change it, and puts the new one in; references into columns die at the next creation of that kind.
#pragma once

#include <string>
#include <utility>

#include "core/reducer/digest.h"
#include "core/reducer/event.h"
#include "core/reducer/state.h"

namespace orch {

class StateEdit {
 public:
  StateEdit(State& state, LogIndex index, WallTime wall, Outcome& outcome)
      : state_(state), index_(index), wall_(wall), outcome_(outcome) {}

  const State& state() const { return state_; }
  LogIndex index() const { return index_; }
  WallTime wall() const { return wall_; }
  Elapsed now() const { return state_.elapsed_; }
  void begin_command(std::uint32_t ordinal) { ordinal_ = ordinal; }

  template <class F>
  void change(JobNumber n, F&& f) { changing(state_.jobs_, n, f); }
  template <class F>
  void change(NodeNumber n, F&& f) {
    changing(state_.nodes_, n, f);
    state_.nodes_index_ = index_;
  }
  template <class F>
  void change(AllocationNumber n, F&& f) { changing(state_.allocations_, n, f); }
  template <class F>
  void change(EvaluationNumber n, F&& f) { changing(state_.evaluations_, n, f); }
  template <class F>
  void change(DeploymentNumber n, F&& f) { changing(state_.deployments_, n, f); }

  // The frequent changes, which redo only their part of the object's digest.
  template <class F>
  void change_summary(JobNumber n, std::uint16_t position, F&& f) {
    JobState& job = state_.jobs_[n.value];
    GroupSummary& summary = job.summary[position];
    state_.objects_hash_ -= digest_summary(n, position, summary);
    f(summary);
    state_.objects_hash_ += digest_summary(n, position, summary);
    job.summary_index = index_;
  }
  /// What is used on a node, its ports and its allocations.
  template <class F>
  void change_use(NodeNumber n, F&& f) {
    NodeState& node = state_.nodes_[n.value];
    state_.objects_hash_ -= digest_use(n, node);
    f(node);
    state_.objects_hash_ += digest_use(n, node);
    node.allocations_index = index_;
  }

  JobNumber add_job(JobState job);
  NodeNumber add_node(NodeState node);
  EvaluationNumber add_evaluation(EvaluationState evaluation);
  DeploymentNumber add_deployment(DeploymentState deployment);
  AllocationNumber add_allocation(AllocationState allocation, const std::uint16_t* ports, std::uint32_t port_count);
  void forget_job_id(JobNumber n);

  void emit(EventKind kind, std::uint32_t number, std::uint32_t count = 1, std::uint32_t row = 0,
            bool health = false) {
    outcome_.events.push_back({kind, number, count, ordinal_, row, health});
  }

  // ---- evaluation.cc ----
  /// A pending evaluation for the job. For triggers of the cluster's own, one that waits already serves as well.
  EvaluationNumber evaluate(JobNumber job, Trigger trigger, EvaluationNumber previous = {}, NodeNumber node = {});
  void finish_evaluation(EvaluationNumber n, EvaluationStatus status, std::string description = {});
  /// Room has appeared: at the end of the group every blocked evaluation goes back to pending.
  void capacity_freed() { capacity_freed_ = true; }
  void wake_blocked();
  void block(EvaluationNumber n);
  bool is_active_deployment(DeploymentNumber n) const;

  // ---- allocation.cc ----
  void take_room(AllocationNumber n);
  /// As take_room for many allocations of one job version and group, made just now: dense from `first`.
  void take_room(AllocationNumber first, std::uint32_t count, const GroupShape& shape);
  void give_room_back(AllocationNumber n);
  void set_client_status(AllocationNumber n, ClientStatus status);
  void set_health(AllocationNumber n, Health health);
  void add_to_current(JobNumber job, AllocationNumber first, std::uint32_t count);
  /// `gone` is sorted here.
  void drop_from_current(JobNumber job, std::vector<AllocationNumber>& gone);
  void plan_reschedule(AllocationNumber n);

  // ---- job.cc ----
  void refresh_job_status(JobNumber n);
  bool awaits_reschedule(const JobState& job) const;

  // ---- deployment.cc ----
  void end_deployment(DeploymentNumber n, DeploymentStatus status, std::string description);
  void watch_progress(DeploymentNumber n);
  void check_success(DeploymentNumber n);

  // ---- indexes beside the columns ----
  std::set<std::pair<Elapsed, DeploymentNumber>>& progress_deadlines() { return state_.progress_deadlines_; }
  std::set<std::pair<Elapsed, AllocationNumber>>& reschedules() { return state_.reschedules_; }
  std::set<State::PendingOrder>& pending() { return state_.pending_; }
  std::set<EvaluationNumber>& blocked() { return state_.blocked_; }
  void remember(const std::string& key, Receipt receipt);
  void forget_old_receipts();
  void set_time(Elapsed elapsed, WallTime wall);
  void set_rules(std::uint16_t version) { state_.rules_ = version; }
  void set_index() { state_.index_ = index_; }

  StateEdit(const StateEdit&) = delete;
  StateEdit& operator=(const StateEdit&) = delete;

 private:
  template <class Column, class N, class F>
  void changing(Column& column, N n, F& f) {
    auto& object = column[n.value];
    state_.objects_hash_ -= digest(n, object);
    f(object);
    state_.objects_hash_ += digest(n, object);
  }
  void forget_oldest_receipt();
  template <class Column, class Object>
  std::uint32_t append(Column& column, Object object);

  State& state_;
  LogIndex index_;
  WallTime wall_;
  Outcome& outcome_;
  std::uint32_t ordinal_ = 0;
  bool capacity_freed_ = false;
};

}  // namespace orch

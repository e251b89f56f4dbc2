// The only hand that changes a State: one StateEdit per applied group, shared by the rules of this folder.
//
// It offers primitives, and each leaves three things true: the state hash, the indexes beside the columns (who waits
// for a plan or for room, deadlines, what a node holds, ids), and the list of events. What ought to happen when is not
// its business: rules are free functions in the files of their nouns (evaluation.h, allocation.h, job.h, deployment.h)
// and take a StateEdit.
//
// `change` takes the object's digest out of the hash, lets the function change it, and puts the new one in. The
// function may not touch what an index follows from; that has primitives of its own, and `change` asserts it.
// References into columns die at the next creation of that kind.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/base/assert.h"
#include "core/reducer/digest.h"
#include "core/reducer/event.h"
#include "core/reducer/state.h"

namespace orch {

class StateEdit {
 public:
  /// `index` follows the state's own and becomes it. Elapsed time only grows, so an earlier one changes nothing; wall
  /// time becomes whatever the stamp says.
  StateEdit(State& state, LogIndex index, Elapsed elapsed, WallTime wall, Outcome& outcome);

  const State& state() const { return state_; }
  LogIndex index() const { return state_.index_; }
  WallTime wall() const { return state_.columns_.wall; }
  Elapsed now() const { return state_.columns_.elapsed; }

  // ---- events ----
  /// Events from here on are of this command.
  void begin_command(std::uint32_t ordinal) { ordinal_ = ordinal; }
  void emit(EventKind kind, std::uint32_t number, std::uint32_t count = 1, std::uint32_t row = 0, bool health = false) {
    ORCH_ASSERT(count > 0, "an event tells of something");
    outcome_.events.push_back({kind, number, count, ordinal_, row, health});
  }

  // ---- jobs ----
  JobNumber add_job(JobState job);
  template <class F>
  void change(JobNumber n, F&& f) {
    const JobState& job = state_.job(n);
    const auto fixed = [&] {
      return std::tuple(job.id_digest, job.pending, job.blocked, job.purged, job.live, job.current.size());
    };
    const auto before = fixed();
    changing(state_.columns_.jobs, n, f);
    ORCH_ASSERT(fixed() == before, "what indexes of a job follow from is changed by primitives of its own");
  }
  /// The job's id is free for another job; this one keeps its number.
  void purge(JobNumber n);
  /// Allocations of one group that a plan has just placed, dense from `first`: they are current, and count as starting.
  void add_to_current(JobNumber n, AllocationNumber first, std::uint32_t count);
  /// Stopped or replaced. For many at once, since it walks the job's allocations; `gone` is sorted here.
  void drop_from_current(JobNumber n, std::vector<AllocationNumber>& gone);

  // ---- nodes ----
  NodeNumber add_node(NodeState node);
  template <class F>
  void change(NodeNumber n, F&& f) {
    const NodeState& node = state_.node(n);
    const std::uint64_t use = digest_use(n, node);
    changing(state_.columns_.nodes, n, f);
    ORCH_ASSERT(digest_use(n, node) == use, "what is used on a node follows from the allocations that hold room on it");
    ORCH_ASSERT(digest_text(node.node->id) == node.id_digest, "a node keeps its id");
    state_.columns_.nodes_index = index();
  }
  /// What the node should run is another thing now, in the same room.
  void mark_use_changed(NodeNumber n) { state_.columns_.nodes[n.value].allocations_index = index(); }
  /// Room has appeared that somebody may have waited for. Looked at when the group's commands are done.
  void note_room() { room_appeared_ = true; }
  bool room_appeared() const { return room_appeared_; }

  // ---- allocations: one that is wanted and has not ended on its node holds room there ----
  /// The room that `shape` asks for is taken. `ports` are `shape.port_count()` many, and free on the node.
  AllocationNumber add_allocation(AllocationState allocation, const std::uint16_t* ports, const GroupShape& shape);
  template <class F>
  void change(AllocationNumber n, F&& f) {
    const AllocationState& a = state_.allocation(n);
    const auto fixed = [&] { return std::tuple(a.job, a.node, a.ports_begin, a.summary, a.desired, a.client); };
    const auto before = fixed();
    changing(state_.columns_.allocations, n, f);
    ORCH_ASSERT(fixed() == before, "whether an allocation holds room is changed by primitives of its own");
  }
  /// Its ports in another order: the one at `from[i]` comes to stand at `i`.
  void reorder_ports(AllocationNumber n, const std::vector<std::uint32_t>& from);
  /// No longer wanted. Gives its room back if it held any. The caller drops it from the job's current allocations.
  void stop(AllocationNumber n, StopReason reason);
  /// Moves it in its job's summary; gives its room back if it held any and this ends it.
  void set_client(AllocationNumber n, ClientStatus status);
  /// When a failed allocation's delay is over: `take_due_reschedule` then answers it, once.
  void set_reschedule(AllocationNumber n, Elapsed at);
  std::optional<AllocationNumber> take_due_reschedule();

  // ---- evaluations: one that is pending or blocked is the one that its job names ----
  /// Pending or blocked from the start. The job has none that waits the same way.
  EvaluationNumber add_evaluation(EvaluationState evaluation);
  template <class F>
  void change(EvaluationNumber n, F&& f) {
    const EvaluationState& e = state_.evaluation(n);
    const auto fixed = [&] { return std::tuple(e.job, e.status, e.priority); };
    const auto before = fixed();
    changing(state_.columns_.evaluations, n, f);
    ORCH_ASSERT(fixed() == before, "what an evaluation waits for is changed by primitives of its own");
  }
  /// From blocked to pending.
  void unblock(EvaluationNumber n);
  /// From pending to blocked.
  void block(EvaluationNumber n);
  /// It waits no longer, for good. `status` is neither pending nor blocked.
  void finish(EvaluationNumber n, EvaluationStatus status, std::string description = {});

  // ---- deployments ----
  /// It becomes its job's newest.
  DeploymentNumber add_deployment(DeploymentState deployment);
  template <class F>
  void change(DeploymentNumber n, F&& f) {
    const DeploymentState& d = state_.deployment(n);
    const auto fixed = [&] { return std::tuple(d.job, d.watched); };
    const auto before = fixed();
    changing(state_.columns_.deployments, n, f);
    ORCH_ASSERT(fixed() == before, "a deployment keeps its job, and its deadline has a primitive of its own");
  }
  /// When it fails unless there is progress; Elapsed::never() takes an earlier deadline away.
  void set_progress_deadline(DeploymentNumber n, Elapsed at);

  // ---- answers, rules ----
  /// Under a key that is not known yet.
  void remember(const std::string& key, Receipt receipt);
  void forget_old_receipts();
  void raise_rules(std::uint16_t version);

  StateEdit(const StateEdit&) = delete;
  StateEdit& operator=(const StateEdit&) = delete;

 private:
  template <class Column, class N, class F>
  void changing(Column& column, N n, F& f) {
    ORCH_ASSERT(n.value < column.size(), "only what was created is changed");
    auto& object = column[n.value];
    state_.objects_hash_ -= digest(n, object);
    f(object);
    state_.objects_hash_ += digest(n, object);
  }
  // The frequent changes, which redo only their part of the object's digest.
  template <class F>
  void change_summary(JobNumber n, std::uint16_t position, F&& f);
  template <class F>
  void change_use(NodeNumber n, F&& f);
  template <class Column, class Object>
  std::uint32_t append(Column& column, Object object) {
    ORCH_ASSERT(column.size() < 0xfffffffe, "numbers of a kind fit in 32 bits");
    column.push_back(std::move(object));
    return static_cast<std::uint32_t>(column.size() - 1);
  }
  void take_room(AllocationNumber n, const GroupShape& shape);
  void give_room_back(AllocationNumber n);
  void enter_waiting(EvaluationNumber n, EvaluationStatus status);
  void leave_waiting(EvaluationNumber n);
  void wait_instead(EvaluationNumber n, EvaluationStatus status);
  void name_waiting(EvaluationNumber n, EvaluationStatus status);
  void set_status(EvaluationNumber n, EvaluationStatus status);
  void forget_oldest_receipt();

  State& state_;
  Outcome& outcome_;
  std::uint32_t ordinal_ = 0;
  bool room_appeared_ = false;
};

}  // namespace orch

#include "projections/views.h"

#include <cstring>

#include "core/base/assert.h"
#include "projections/folds.h"
#include "projections/rows.h"

namespace orch {

struct Views::Impl {
  explicit Impl(TableStore& s) : store(s), nodes(s), services(s) {
    const auto snapshot = store.snapshot();
    applied = folded = snapshot->applied();
    for (std::size_t i = 0; i < noun_count; ++i) {
      if (auto value = snapshot->get(Table::meta, noun_key(static_cast<Noun>(i))); value && value->size() == 8) {
        std::memcpy(&changes.last_change[i], value->data(), 8);
      }
    }
  }

  TableStore& store;
  LogIndex applied = 0, folded = 0;  // what the store's rows hold, and what is waiting for the flush
  Changes changes;
  JobFold jobs;
  NodeFold nodes;
  ServiceFold services;
  EvaluationFold evaluations;
  DeploymentFold deployments;
  AllocationFold allocations;
  const State* state = nullptr;  // of the newest group

  void fold(const FoldedGroup& group, const Event& event);
  bool flush();
};

void Views::Impl::fold(const FoldedGroup& group, const Event& event) {
  const std::uint32_t n = event.number;
  switch (event.kind) {
    case EventKind::job_registered:
    case EventKind::job_deregistered:
      return jobs.registered(group, {n}, changes);
    case EventKind::job_changed:
      return jobs.changed(group, {n}, changes);
    case EventKind::node_registered:
    case EventKind::node_changed:
      return nodes.changed(group, {n}, changes);
    case EventKind::evaluation_changed:
      return evaluations.changed(group, {n}, changes);
    case EventKind::deployment_changed:
      return deployments.changed(group, {n}, changes);
    case EventKind::allocations_placed:
      return allocations.placed(group, event, changes);
    case EventKind::allocation_desired:
      return allocations.desired(group, {n}, changes);
    case EventKind::allocation_client:
      return allocations.reported(group, event, changes);
    case EventKind::allocation_health:
      return allocations.health_set(group, {n}, changes);
    case EventKind::services_changed:
      return services.changed(group, event, changes);
  }
  ORCH_ASSERT(false, "each kind of event has its rows");
}

bool Views::Impl::flush() {
  ORCH_ASSERT(folded >= applied, "the store holds nothing that was not folded");
  if (folded == applied) return true;
  // At the first try only: what a flush without room left behind is in `changes` already.
  jobs.flush(*state, changes);
  allocations.flush(*state, folded, changes);
  for (std::size_t i = 0; i < noun_count; ++i) {
    if (changes.last_change[i] <= applied) continue;
    changes.put(Table::meta, noun_key(static_cast<Noun>(i)), changes.row.fresh().number(changes.last_change[i]).view());
  }
  if (!store.commit(folded, changes.rows.sorted())) return false;  // the rows are kept for the next flush
  applied = folded;
  changes.rows.clear();
  return true;
}

Views::Views(TableStore& store) : impl_(std::make_unique<Impl>(store)) {}
Views::~Views() = default;

LogIndex Views::applied() const { return impl_->applied; }

void Views::fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) {
  Impl& views = *impl_;
  views.state = &state;
  if (index <= views.folded) return;  // the rows hold it already
  ORCH_ASSERT(index == views.folded + 1, "the views leave out no group of the log");
  views.folded = index;
  const IdCodec ids(state.cluster_id());
  const FoldedGroup folded{state, index, {group.stamp()->wall_ns()}, group, ids};
  fold_record(folded, outcome, views.changes);
  for (const Event& event : outcome.events) views.fold(folded, event);
}

bool Views::flush() { return impl_->flush(); }

void Views::discard() {
  TableStore& store = impl_->store;
  impl_ = std::make_unique<Impl>(store);
}

}  // namespace orch

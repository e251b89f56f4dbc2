#include "drivers/server/watch_notes.h"

#include "core/base/assert.h"
#include "drivers/clock/clock.h"

namespace orch {

void WatchNotes::fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) {
  views_.fold(state, index, group, outcome);
  index_ = index;
  std::uint64_t events = 0;
  for (const Event& event : outcome.events) events += event.count;
  snapshots_.applied(events);
  if (!noting_) return;
  for (const Event& event : outcome.events) note(state, event);
}

bool WatchNotes::flush() {
  if (!views_.flush()) return false;  // no room: the keys are kept until the rows are there
  const LogIndex shown = views_.applied();
  ORCH_ASSERT(shown >= shown_.load(std::memory_order_relaxed), "the views never show less than before");
  shown_.store(shown, std::memory_order_release);
  if (!noting_) return true;
  keys_.push_back({WatchKind::log});
  hub_.touch(keys_, index_, monotonic_ns());
  keys_.clear();
  return true;
}

void WatchNotes::discard() {
  views_.discard();
  keys_.clear();
}

bool WatchNotes::anyone_waits() const { return hub_.anyone_waits(keys_) || hub_.anyone_waits({{WatchKind::log}}); }

void WatchNotes::add(WatchKind all, WatchKind one, std::uint32_t number) {
  keys_.push_back({all});
  keys_.push_back({one, number});
}

void WatchNotes::allocation(const State& state, std::uint32_t n) {
  const AllocationState& a = state.allocations()[n];
  add(WatchKind::allocations, WatchKind::allocation, n);
  keys_.push_back({WatchKind::job_allocations, a.job.value});
}

void WatchNotes::note(const State& state, const Event& event) {
  switch (event.kind) {
    case EventKind::job_registered:
    case EventKind::job_deregistered:
    case EventKind::job_changed:
      add(WatchKind::jobs, WatchKind::job, event.number);
      break;
    case EventKind::node_registered:
    case EventKind::node_changed:
      add(WatchKind::nodes, WatchKind::node, event.number);
      break;
    case EventKind::evaluation_changed:
      add(WatchKind::evaluations, WatchKind::evaluation, event.number);
      keys_.push_back({WatchKind::job_evaluations, state.evaluations()[event.number].job.value});
      break;
    case EventKind::deployment_changed:
      add(WatchKind::deployments, WatchKind::deployment, event.number);
      keys_.push_back({WatchKind::job_deployments, state.deployments()[event.number].job.value});
      break;
    case EventKind::allocations_placed:
      // Each node must hear of its own; of the allocations themselves nobody can know yet, so the first stands for all.
      for (std::uint32_t i = 0; i < event.count; ++i) {
        keys_.push_back({WatchKind::node_allocations, state.allocations()[event.number + i].node.value});
      }
      add(WatchKind::jobs, WatchKind::job, state.allocations()[event.number].job.value);
      allocation(state, event.number);
      break;
    case EventKind::allocation_desired:
      keys_.push_back({WatchKind::node_allocations, state.allocations()[event.number].node.value});
      allocation(state, event.number);
      break;
    case EventKind::allocation_health:
    case EventKind::allocation_client:
      allocation(state, event.number);
      break;
    case EventKind::services_changed:
      keys_.push_back({WatchKind::services});
      break;
  }
}

}  // namespace orch

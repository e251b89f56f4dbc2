#include "tests/sim/follower.h"

#include "core/base/assert.h"
#include "core/log/record.h"

namespace orch::sim {

void Touched::note(const Outcome& outcome) {
  for (const Event& e : outcome.events) {
    switch (e.kind) {
      case EventKind::job_registered:
      case EventKind::job_deregistered:
      case EventKind::job_changed:
        jobs.insert(e.number);
        break;
      case EventKind::node_registered:
      case EventKind::node_changed:
      case EventKind::services_changed:
        nodes.insert(e.number);
        break;
      case EventKind::evaluation_changed:
        evaluations.insert(e.number);
        break;
      case EventKind::deployment_changed:
        deployments.insert(e.number);
        break;
      case EventKind::allocations_placed:
      case EventKind::allocation_desired:
      case EventKind::allocation_health:
      case EventKind::allocation_client:
        for (std::uint32_t i = 0; i < e.count; ++i) allocations.insert(e.number + i);
        break;
    }
  }
}

void Follower::follow(const Log& log, const Visitor& each) {
  if (log.head() == state_.index()) return;
  const auto read = log.read(state_.index() + 1, [&](LogIndex index, Bytes bytes) {
    const wire::Group& group = group_in(bytes);
    apply(state_, index, group, outcome_);
    views_.fold(state_, index, group, outcome_);
    if (each) each(index, group, outcome_);
    return true;
  });
  ORCH_ASSERT(read.has_value(), "a log in memory can be read");
  views_.flush();
}

}  // namespace orch::sim

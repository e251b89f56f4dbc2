// A plan is re-checked against the state as it is now: what still fits happens, what doesn't is refused and the
// evaluation stays pending, so that the leader decides again (design, decision 7).
#include <algorithm>

#include "core/base/assert.h"
#include "core/reducer/commands.h"
#include "core/reducer/fit.h"

namespace orch {
namespace {

std::vector<NamedCount> counts(const flatbuffers::Vector<flatbuffers::Offset<wire::Count>>* from) {
  std::vector<NamedCount> made;
  if (from == nullptr) return made;
  for (const wire::Count* c : *from) made.push_back({c->name() != nullptr ? c->name()->str() : "", c->count()});
  return made;
}

GroupMetrics metrics(const wire::GroupMetrics& m) {
  return {.group = m.group(),
          .failed = m.failed(),
          .nodes_evaluated = m.nodes_evaluated(),
          .nodes_filtered = m.nodes_filtered(),
          .nodes_exhausted = m.nodes_exhausted(),
          .nodes_available = counts(m.nodes_available()),
          .class_filtered = counts(m.class_filtered()),
          .constraint_filtered = counts(m.constraint_filtered()),
          .class_exhausted = counts(m.class_exhausted()),
          .dimension_exhausted = counts(m.dimension_exhausted())};
}

bool ports_free(const NodeState& node, const std::uint16_t* ports, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (std::binary_search(node.ports.begin(), node.ports.end(), ports[i])) return false;
    if (std::find(ports, ports + i, ports[i]) != ports + i) return false;
  }
  return true;
}

// The caller drops it from the job's current allocations.
void stop(StateEdit& edit, AllocationNumber n, StopReason reason, bool lost) {
  const AllocationState a = edit.state().allocation(n);
  if (a.holds_room()) edit.give_room_back(n);
  edit.change(n, [&](AllocationState& allocation) {
    allocation.desired = DesiredStatus::stop;
    allocation.reason = reason;
    allocation.modify_index = edit.index();
  });
  if (lost && !is_terminal(a.client)) edit.set_client_status(n, ClientStatus::lost);
  edit.emit(EventKind::allocation_desired, n.value);
}

bool holds_alike(const GroupShape& a, const GroupShape& b) {
  return a.cpu == b.cpu && a.memory_mb == b.memory_mb && a.disk_mb == b.disk_mb && a.mbits == b.mbits &&
         a.static_ports == b.static_ports && a.dynamic_ports == b.dynamic_ports;
}

// What runs goes on under another version; false when it would have to hold another amount of its node.
bool update_in_place(StateEdit& edit, AllocationNumber n, EvaluationNumber evaluation, const JobVersion& version,
                     DeploymentNumber deployment) {
  const std::string& name = edit.state().group_of(edit.state().allocation(n)).name;
  const auto& groups = version.job->task_groups;
  auto it = std::find_if(groups.begin(), groups.end(), [&](const TaskGroup& g) { return g.name == name; });
  if (it == groups.end()) return false;
  const auto position = static_cast<std::uint16_t>(it - groups.begin());
  if (!holds_alike(edit.state().shape_of(edit.state().allocation(n)), version.shapes[position])) return false;
  edit.change(n, [&](AllocationState& a) {
    a.group = position;
    a.job_version = version.version;
    a.evaluation = evaluation;
    a.deployment = deployment;
    if (deployment) a.health = Health::unset;
    a.modify_index = edit.index();
  });
  edit.change_use(edit.state().allocation(n).node, [](NodeState&) {});
  edit.emit(EventKind::allocation_desired, n.value);
  return true;
}

DeploymentNumber create_deployment(StateEdit& edit, JobNumber n) {
  const JobState& job = edit.state().job(n);
  DeploymentState made{.job = n,
                       .job_version = job.newest().version,
                       .job_create_index = job.create_index,
                       .job_modify_index = job.newest().job_modify_index,
                       .create_index = edit.index(),
                       .modify_index = edit.index(),
                       .description = "Deployment is running"};
  for (const TaskGroup& group : job.job().task_groups) {
    if (!group.update || group.update->max_parallel.value_or(0) <= 0) continue;
    const Duration deadline = group.update->progress_deadline.value_or(minutes(10));
    made.groups.push_back({.name = group.name,
                           .desired = static_cast<std::uint32_t>(group.count),
                           .progress_deadline = deadline,
                           .require_progress_by = edit.now() + deadline,
                           .require_progress_at = {edit.wall().ns + deadline.ns}});
  }
  const DeploymentNumber deployment = edit.add_deployment(std::move(made));
  edit.change(n, [&](JobState& j) { j.deployment = deployment; });
  edit.watch_progress(deployment);
  edit.emit(EventKind::deployment_changed, deployment.value);
  return deployment;
}

void count_placed(StateEdit& edit, DeploymentNumber deployment, const std::string& group, std::uint32_t placed) {
  if (!edit.is_active_deployment(deployment) || placed == 0) return;
  edit.change(deployment, [&](DeploymentState& d) {
    for (DeploymentGroup& g : d.groups) {
      if (g.name == group) g.placed += placed;
    }
    d.modify_index = edit.index();
  });
  edit.emit(EventKind::deployment_changed, deployment.value);
}

// What ended or was stopped, of the same job, has at most one successor.
bool may_be_replaced(const State& state, JobNumber job, AllocationNumber n) {
  if (n.value >= state.allocations().size()) return false;
  const AllocationState& a = state.allocation(n);
  return a.job == job && !a.holds_room() && !a.next;
}

struct Placed {
  std::uint32_t accepted = 0, refused = 0;
};

Placed place(StateEdit& edit, const wire::SubmitPlan& plan, const wire::Placements& p, DeploymentNumber deployment) {
  const JobNumber job{plan.job()};
  const JobVersion& version = *edit.state().job(job).version(plan.job_version());
  const GroupShape& shape = version.shapes[p.group()];
  const std::uint32_t count = p.nodes()->size();
  const std::uint32_t ports_each = shape.port_count();
  const auto first = static_cast<std::uint32_t>(edit.state().allocations().size());
  const std::uint16_t summary = version.summary_positions[p.group()];
  std::vector<AllocationNumber> replaced;
  Placed placed;
  for (std::uint32_t i = 0; i < count; ++i) {
    const NodeNumber n{p.nodes()->Get(i)};
    const std::uint16_t* ports = ports_each != 0 ? p.ports()->data() + std::size_t{i} * ports_each : nullptr;
    AllocationNumber previous;
    if (p.replaces() != nullptr && p.replaces()->size() != 0 && p.replaces()->Get(i) != 0) {
      previous = AllocationNumber{p.replaces()->Get(i) - 1};
    }
    if (n.value >= edit.state().nodes().size() || !edit.state().node(n).ready() ||
        !exhausted_dimension(edit.state().node(n), NodeUse::of(edit.state().node(n)), shape).empty() ||
        !ports_free(edit.state().node(n), ports, ports_each) ||
        (previous && !may_be_replaced(edit.state(), job, previous))) {
      ++placed.refused;
      continue;
    }
    AllocationState a{.job = job,
                      .node = n,
                      .evaluation = EvaluationNumber{plan.evaluation()},
                      .deployment = deployment,
                      .previous = previous,
                      .job_version = plan.job_version(),
                      .name = p.names()->Get(i),
                      .group = p.group(),
                      .summary = summary,
                      .score = p.scores() != nullptr && i < p.scores()->size() ? p.scores()->Get(i) : std::uint16_t{0},
                      .modify_index = edit.index()};
    const AllocationNumber made = edit.add_allocation(a, ports, ports_each);
    if (previous) {
      edit.change(previous, [&](AllocationState& before) {
        before.next = made;
        before.modify_index = edit.index();
      });
      replaced.push_back(previous);
      edit.emit(EventKind::allocation_desired, previous.value);
    }
    edit.take_room(made, 1, shape);
    ++placed.accepted;
  }
  if (placed.accepted == 0) return placed;
  if (!replaced.empty()) edit.drop_from_current(job, replaced);
  edit.add_to_current(job, AllocationNumber{first}, placed.accepted);
  edit.change_summary(job, summary, [&](GroupSummary& s) { s.starting += placed.accepted; });
  edit.emit(EventKind::allocations_placed, first, placed.accepted);
  count_placed(edit, deployment, version.job->task_groups[p.group()].name, placed.accepted);
  return placed;
}

// Refusals of the plan as a whole; empty when its parts may be tried.
std::string check(const State& state, const wire::SubmitPlan& plan) {
  if (plan.evaluation() >= state.evaluations().size()) return "evaluation not found";
  const EvaluationState& evaluation = state.evaluation(EvaluationNumber{plan.evaluation()});
  if (evaluation.status != EvaluationStatus::pending) return "evaluation is not pending";
  if (plan.job() >= state.jobs().size() || evaluation.job.value != plan.job()) return "evaluation is of another job";
  const JobState& job = state.job(JobNumber{plan.job()});
  if (job.newest().version != plan.job_version()) return "decided on an older version of the job";
  const std::size_t groups = job.job().task_groups.size();
  if (plan.placements() != nullptr) {
    for (const wire::Placements* p : *plan.placements()) {
      if (p->group() >= groups || p->nodes() == nullptr || p->names() == nullptr ||
          p->names()->size() != p->nodes()->size()) {
        return "placement columns are malformed";
      }
      const std::size_t ports = std::size_t{p->nodes()->size()} * job.newest().shapes[p->group()].port_count();
      if ((p->ports() != nullptr ? p->ports()->size() : 0) != ports) return "placement ports are malformed";
      if (p->replaces() != nullptr && p->replaces()->size() != 0 && p->replaces()->size() != p->nodes()->size()) {
        return "placement columns are malformed";
      }
    }
  }
  if (plan.stops() != nullptr) {
    for (const wire::Stops* s : *plan.stops()) {
      if (s->allocations() == nullptr || s->reason() > static_cast<std::uint8_t>(StopReason::migrated)) {
        return "stop columns are malformed";
      }
    }
  }
  if (plan.metrics() != nullptr) {
    for (const wire::GroupMetrics* m : *plan.metrics()) {
      if (m->group() >= groups) return "metrics of a group that the job does not have";
    }
  }
  return {};
}

void finish(StateEdit& edit, const wire::SubmitPlan& plan) {
  const EvaluationNumber e{plan.evaluation()};
  const JobNumber n{plan.job()};
  const JobVersion& version = edit.state().job(n).newest();
  bool failed = false;
  edit.change(e, [&](EvaluationState& evaluation) {
    evaluation.state_index = plan.state_index();
    evaluation.job_version = plan.job_version();
    evaluation.queued.clear();
    evaluation.failed.clear();
    for (std::uint32_t i = 0; plan.queued() != nullptr && i < plan.queued()->size(); ++i) {
      if (i >= version.job->task_groups.size()) break;
      evaluation.queued.push_back({version.job->task_groups[i].name, plan.queued()->Get(i)});
    }
    for (std::uint32_t i = 0; plan.metrics() != nullptr && i < plan.metrics()->size(); ++i) {
      evaluation.failed.push_back(metrics(*plan.metrics()->Get(i)));
      failed |= evaluation.failed.back().failed > 0;
    }
    std::erase_if(evaluation.failed, [](const GroupMetrics& m) { return m.failed == 0; });
    // The job's latest, over or not, as Nomad tells it.
    if (edit.state().job(n).deployment) evaluation.deployment = edit.state().job(n).deployment;
  });
  edit.change(n, [&](JobState& job) {
    for (const NamedCount& q : edit.state().evaluation(e).queued)
      job.summary[job.summary_position(q.name)].queued = q.count;
    job.summary_index = edit.index();
  });
  edit.emit(EventKind::job_changed, n.value);

  if (!failed) {
    const EvaluationNumber waiting = edit.state().job(n).blocked;
    edit.finish_evaluation(e, EvaluationStatus::complete);
    if (waiting && waiting != e) edit.finish_evaluation(waiting, EvaluationStatus::complete);
  } else if (edit.state().evaluation(e).trigger == Trigger::queued_allocs) {
    edit.block(e);
  } else {
    const EvaluationNumber old = edit.state().job(n).blocked;
    if (old) edit.finish_evaluation(old, EvaluationStatus::canceled, "superseded by a newer evaluation of the job");
    edit.finish_evaluation(e, EvaluationStatus::complete);
    EvaluationState made{.job = n,
                         .previous = e,
                         .trigger = Trigger::queued_allocs,
                         .status = EvaluationStatus::blocked,
                         .priority = edit.state().evaluation(e).priority,
                         .create_index = edit.index(),
                         .modify_index = edit.index(),
                         .state_index = plan.state_index(),
                         .created_at = edit.wall(),
                         .description = "created to place remaining allocations"};
    const EvaluationNumber blocked = edit.add_evaluation(std::move(made));
    edit.block(blocked);
    edit.change(e, [&](EvaluationState& evaluation) { evaluation.blocked = blocked; });
  }
}

}  // namespace

CommandOutcome apply(StateEdit& edit, const wire::SubmitPlan& plan) {
  if (std::string refusal = check(edit.state(), plan); !refusal.empty()) return {.refusal = std::move(refusal)};
  const EvaluationNumber e{plan.evaluation()};
  const JobNumber n{plan.job()};
  CommandOutcome outcome{.evaluation = e};

  std::vector<AllocationNumber> stopped;
  if (plan.stops() != nullptr) {
    for (const wire::Stops* stops : *plan.stops()) {
      for (std::uint32_t a : *stops->allocations()) {
        if (a >= edit.state().allocations().size() || edit.state().allocation(AllocationNumber{a}).job != n ||
            edit.state().allocation(AllocationNumber{a}).desired != DesiredStatus::run) {
          ++outcome.refused_placements;
          continue;
        }
        stop(edit, AllocationNumber{a}, static_cast<StopReason>(stops->reason()), stops->client_lost());
        stopped.push_back(AllocationNumber{a});
      }
    }
  }

  if (!stopped.empty()) edit.drop_from_current(n, stopped);

  DeploymentNumber deployment = edit.state().job(n).deployment;
  if (plan.create_deployment() && !edit.is_active_deployment(deployment)) deployment = create_deployment(edit, n);
  const bool counts_in = edit.is_active_deployment(deployment) &&
                         edit.state().deployment(deployment).job_version == plan.job_version();
  if (!counts_in) deployment = {};

  if (plan.in_place() != nullptr) {
    for (std::uint32_t a : *plan.in_place()) {
      const AllocationNumber allocation{a};
      if (a >= edit.state().allocations().size() || edit.state().allocation(allocation).job != n) continue;
      if (!edit.state().allocation(allocation).holds_room()) continue;
      if (!update_in_place(edit, allocation, e, edit.state().job(n).newest(), deployment)) {
        ++outcome.refused_placements;
        continue;
      }
      count_placed(edit, deployment, edit.state().group_of(edit.state().allocation(allocation)).name, 1);
    }
  }
  if (plan.placements() != nullptr) {
    for (const wire::Placements* p : *plan.placements())
      outcome.refused_placements += place(edit, plan, *p, deployment).refused;
  }
  if (plan.last_chunk() && outcome.refused_placements == 0) finish(edit, plan);
  edit.refresh_job_status(n);
  return outcome;
}

}  // namespace orch

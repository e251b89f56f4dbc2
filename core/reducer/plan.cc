// A plan is re-checked against the state as it is now: what still fits happens, what doesn't is refused and the
// evaluation stays pending, so that the leader decides again (design, decision 7).
#include <algorithm>

#include "core/reducer/allocation.h"
#include "core/reducer/commands.h"
#include "core/reducer/deployment.h"
#include "core/reducer/fit.h"
#include "core/reducer/job.h"
#include "core/reducer/plan_check.h"
#include "core/reducer/plan_conclusion.h"

namespace orch {
namespace {

bool ports_free(const NodeState& node, const std::uint16_t* ports, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) {
    if (std::binary_search(node.ports.begin(), node.ports.end(), ports[i])) return false;
    if (std::find(ports, ports + i, ports[i]) != ports + i) return false;
  }
  return true;
}

bool holds_alike(const GroupShape& a, const GroupShape& b) {
  return a.cpu == b.cpu && a.memory_mb == b.memory_mb && a.disk_mb == b.disk_mb && a.mbits == b.mbits &&
         a.static_ports == b.static_ports && a.dynamic_ports == b.dynamic_ports;
}

// What runs goes on under another version; false when it would have to hold another amount of its node. The group is
// found by its name, since positions differ between versions.
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
  edit.mark_use_changed(edit.state().allocation(n).node);
  edit.emit(EventKind::allocation_desired, n.value);
  return true;
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
    const AllocationNumber made = edit.add_allocation(a, ports, shape);
    if (previous) {
      edit.change(previous, [&](AllocationState& before) {
        before.next = made;
        before.modify_index = edit.index();
      });
      replaced.push_back(previous);
      edit.emit(EventKind::allocation_desired, previous.value);
    }
    ++placed.accepted;
    ORCH_ASSERT(edit.state().node(n).cpu_used <= edit.state().node(n).cpu &&
                    edit.state().node(n).memory_used_mb <= edit.state().node(n).memory_mb,
                "a node never holds more than it has because of a placement");
  }
  ORCH_ASSERT(placed.accepted + placed.refused == count, "each placement is made or refused");
  // Dense from `first`, since nothing else creates allocations meanwhile: one event and one change of the summary do.
  if (placed.accepted == 0) return placed;
  if (!replaced.empty()) edit.drop_from_current(job, replaced);
  edit.add_to_current(job, AllocationNumber{first}, placed.accepted);
  edit.emit(EventKind::allocations_placed, first, placed.accepted);
  count_placed(edit, deployment, version.job->task_groups[p.group()].name, placed.accepted);
  return placed;
}

// The plan's stops; answers how many were refused.
std::uint32_t stop(StateEdit& edit, const wire::SubmitPlan& plan) {
  const JobNumber job{plan.job()};
  std::uint32_t refused = 0;
  std::vector<AllocationNumber> stopped;
  for (std::uint32_t i = 0; plan.stops() != nullptr && i < plan.stops()->size(); ++i) {
    const wire::Stops& stops = *plan.stops()->Get(i);
    for (std::uint32_t value : *stops.allocations()) {
      const AllocationNumber a{value};
      if (value >= edit.state().allocations().size() || edit.state().allocation(a).job != job ||
          edit.state().allocation(a).desired != DesiredStatus::run) {
        ++refused;
        continue;
      }
      stop_allocation(edit, a, static_cast<StopReason>(stops.reason()), stops.client_lost());
      stopped.push_back(a);
    }
  }
  if (!stopped.empty()) edit.drop_from_current(job, stopped);
  return refused;
}

// The deployment in which what this plan does counts; none if it is about another version, or there is none.
DeploymentNumber deployment_of(StateEdit& edit, const wire::SubmitPlan& plan) {
  const JobNumber job{plan.job()};
  DeploymentNumber deployment = edit.state().job(job).deployment;
  if (plan.create_deployment() && !is_active_deployment(edit.state(), deployment))
    deployment = create_deployment(edit, job);
  const bool counts_in = is_active_deployment(edit.state(), deployment) &&
                         edit.state().deployment(deployment).job_version == plan.job_version();
  return counts_in ? deployment : DeploymentNumber::none();
}

// Updates in place; answers how many were refused. What has ended meanwhile needs none.
std::uint32_t update_in_place(StateEdit& edit, const wire::SubmitPlan& plan, DeploymentNumber deployment) {
  const JobNumber job{plan.job()};
  std::uint32_t refused = 0;
  for (std::uint32_t i = 0; plan.in_place() != nullptr && i < plan.in_place()->size(); ++i) {
    const AllocationNumber a{plan.in_place()->Get(i)};
    if (a.value >= edit.state().allocations().size() || edit.state().allocation(a).job != job) continue;
    if (!edit.state().allocation(a).holds_room()) continue;
    if (!update_in_place(edit, a, EvaluationNumber{plan.evaluation()}, edit.state().job(job).newest(), deployment)) {
      ++refused;
      continue;
    }
    count_placed(edit, deployment, edit.state().group_of(edit.state().allocation(a)).name, 1);
  }
  return refused;
}

}  // namespace

CommandOutcome submit_plan(StateEdit& edit, const wire::SubmitPlan& plan) {
  if (std::string refusal = refuse_plan(edit.state(), plan); !refusal.empty()) return {.refusal = std::move(refusal)};
  // Stops come first: the room that they give back is what the placements after them were planned into.
  CommandOutcome outcome{.evaluation = EvaluationNumber{plan.evaluation()}};
  outcome.refused_placements = stop(edit, plan);
  const DeploymentNumber deployment = deployment_of(edit, plan);
  outcome.refused_placements += update_in_place(edit, plan, deployment);
  for (std::uint32_t i = 0; plan.placements() != nullptr && i < plan.placements()->size(); ++i)
    outcome.refused_placements += place(edit, plan, *plan.placements()->Get(i), deployment).refused;
  if (plan.last_chunk() && outcome.refused_placements == 0) conclude_evaluation(edit, plan);
  refresh_job_status(edit, JobNumber{plan.job()});
  return outcome;
}

}  // namespace orch

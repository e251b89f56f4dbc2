// A plan is re-checked against the state as it is now: what still fits happens, what doesn't is refused and the
// evaluation stays pending, so that the leader decides again (design, decision 7), a bounded number of times.
#include <algorithm>
#include <optional>
#include <string_view>

#include "core/reducer/allocation.h"
#include "core/reducer/carried_ports.h"
#include "core/reducer/commands.h"
#include "core/reducer/deployment.h"
#include "core/reducer/fit.h"
#include "core/reducer/job.h"
#include "core/reducer/plan_check.h"
#include "core/reducer/plan_conclusion.h"

namespace orch {
namespace {

// Of one plan: how many of its parts were refused, and the reason of the first.
struct Refused {
  std::uint32_t parts = 0;
  std::string_view why;
  std::vector<std::uint32_t> unplaced;  // by group
  void add(std::string_view reason) {
    if (parts++ == 0) why = reason;
  }
};

bool holds_alike(const GroupShape& a, const GroupShape& b) {
  return a.cpu == b.cpu && a.memory_mb == b.memory_mb && a.disk_mb == b.disk_mb && a.mbits == b.mbits;
}

bool has_ports_alike(const GroupShape& a, const GroupShape& b) {
  return a.static_ports == b.static_ports && a.dynamic_ports == b.dynamic_ports;
}

// Updates in place, of one plan: what runs goes on under the job's newest version. Where each port goes is found out
// once per version and group that is left behind.
class InPlace {
 public:
  InPlace(StateEdit& edit, EvaluationNumber evaluation, JobNumber job, DeploymentNumber deployment)
      : edit_(edit), version_(edit.state().job(job).newest()), evaluation_(evaluation), deployment_(deployment) {}

  /// False when it would have to hold something else of its node.
  bool update(AllocationNumber n) {
    const AllocationState& before = edit_.state().allocation(n);
    const Move* move = move_from(before);
    if (move == nullptr) return false;
    if (!move->ports.empty()) edit_.reorder_ports(n, move->ports);
    edit_.change(n, [&](AllocationState& a) {
      a.group = move->to;
      a.job_version = version_.version;
      a.evaluation = evaluation_;
      a.deployment = deployment_;
      if (deployment_) a.health = Health::unset;
      a.modify_index = edit_.index();
    });
    edit_.mark_use_changed(before.node);
    edit_.emit(EventKind::allocation_desired, n.value);
    return true;
  }

 private:
  struct Move {
    std::uint32_t version = 0;
    std::uint16_t group = 0;
    bool possible = false;
    std::uint16_t to = 0;
    std::vector<std::uint32_t> ports = {};  // empty: each stands where it stood
  };

  // Null when there is no way. The group is found by its name, since positions differ between versions.
  const Move* move_from(const AllocationState& a) {
    for (const Move& known : moves_) {
      if (known.version == a.job_version && known.group == a.group) return known.possible ? &known : nullptr;
    }
    moves_.push_back(find_move(a));
    return moves_.back().possible ? &moves_.back() : nullptr;
  }

  Move find_move(const AllocationState& a) const {
    Move move{.version = a.job_version, .group = a.group};
    const TaskGroup& before = edit_.state().group_of(a);
    const auto& groups = version_.job->task_groups;
    const auto now =
        std::find_if(groups.begin(), groups.end(), [&](const TaskGroup& g) { return g.name == before.name; });
    if (now == groups.end()) return move;
    move.to = static_cast<std::uint16_t>(now - groups.begin());
    const GroupShape &had = edit_.state().shape_of(a), &wanted = version_.shapes[move.to];
    if (!holds_alike(had, wanted)) return move;
    if (edit_.state().rules() < 2) {
      // Ports were taken to stand where they stood, whatever their labels.
      move.possible = has_ports_alike(had, wanted);
    } else if (auto ports = carried_ports(before, *now)) {
      ORCH_ASSERT(ports->empty() || ports->size() == wanted.port_count(), "all ports are carried over, or none moves");
      move.possible = true;
      move.ports = *std::move(ports);
    }
    return move;
  }

  StateEdit& edit_;
  const JobVersion& version_;
  const EvaluationNumber evaluation_;
  const DeploymentNumber deployment_;
  std::vector<Move> moves_;
};

// What ended or was stopped, of the same job, has at most one successor.
bool may_be_replaced(const State& state, JobNumber job, AllocationNumber n) {
  if (n.value >= state.allocations().size()) return false;
  const AllocationState& a = state.allocation(n);
  return a.job == job && !a.holds_room() && !a.next;
}

// Why a placement can't be; empty when it can.
std::string_view misfit(const State& state, JobNumber job, NodeNumber n, const GroupShape& shape,
                        std::span<const std::uint16_t> ports, AllocationNumber previous) {
  if (n.value >= state.nodes().size() || !state.node(n).ready()) return "node is not ready";
  const NodeState& node = state.node(n);
  const std::string_view missing = missing_room(node, NodeUse::of(node), shape, ports, [&](std::uint16_t port) {
    return !std::binary_search(node.ports.begin(), node.ports.end(), port);
  });
  if (!missing.empty()) return missing;
  if (previous && !may_be_replaced(state, job, previous)) return "allocation to replace is none that may be replaced";
  return {};
}

void place(StateEdit& edit, const wire::SubmitPlan& plan, const wire::Placements& p, DeploymentNumber deployment,
           Refused& refused) {
  const JobNumber job{plan.job()};
  const JobVersion& version = *edit.state().job(job).version(plan.job_version());
  const GroupShape& shape = version.shapes[p.group()];
  const std::uint32_t count = p.nodes()->size();
  const std::uint32_t ports_each = shape.port_count();
  const auto first = static_cast<std::uint32_t>(edit.state().allocations().size());
  const std::uint16_t summary = version.summary_positions[p.group()];
  std::vector<AllocationNumber> replaced;
  std::uint32_t accepted = 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    const NodeNumber n{p.nodes()->Get(i)};
    const std::uint16_t* ports = ports_each != 0 ? p.ports()->data() + std::size_t{i} * ports_each : nullptr;
    AllocationNumber previous;
    if (p.replaces() != nullptr && p.replaces()->size() != 0 && p.replaces()->Get(i) != 0) {
      previous = AllocationNumber{p.replaces()->Get(i) - 1};
    }
    if (const auto why = misfit(edit.state(), job, n, shape, {ports, ports_each}, previous); !why.empty()) {
      refused.add(why);
      if (refused.unplaced.size() <= p.group()) refused.unplaced.resize(p.group() + 1u);
      ++refused.unplaced[p.group()];
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
    ++accepted;
    ORCH_ASSERT(edit.state().node(n).cpu_used <= edit.state().node(n).cpu &&
                    edit.state().node(n).memory_used_mb <= edit.state().node(n).memory_mb,
                "a node never holds more than it has because of a placement");
  }
  // Dense from `first`, since nothing else creates allocations meanwhile: one event and one change of the summary do.
  if (accepted == 0) return;
  if (!replaced.empty()) edit.drop_from_current(job, replaced);
  edit.add_to_current(job, AllocationNumber{first}, accepted);
  edit.emit(EventKind::allocations_placed, first, accepted);
  count_placed(edit, deployment, version.job->task_groups[p.group()].name, accepted);
}

void stop(StateEdit& edit, const wire::SubmitPlan& plan, Refused& refused) {
  const JobNumber job{plan.job()};
  std::vector<AllocationNumber> stopped;
  for (std::uint32_t i = 0; plan.stops() != nullptr && i < plan.stops()->size(); ++i) {
    const wire::Stops& stops = *plan.stops()->Get(i);
    for (std::uint32_t value : *stops.allocations()) {
      const AllocationNumber a{value};
      if (value >= edit.state().allocations().size() || edit.state().allocation(a).job != job ||
          edit.state().allocation(a).desired != DesiredStatus::run) {
        refused.add("allocation to stop is none that is wanted");
        continue;
      }
      stop_allocation(edit, a, static_cast<StopReason>(stops.reason()), stops.client_lost());
      stopped.push_back(a);
    }
  }
  if (!stopped.empty()) edit.drop_from_current(job, stopped);
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

// What has ended meanwhile needs no update.
void update_in_place(StateEdit& edit, const wire::SubmitPlan& plan, DeploymentNumber deployment, Refused& refused) {
  const JobNumber job{plan.job()};
  InPlace in_place(edit, EvaluationNumber{plan.evaluation()}, job, deployment);
  for (std::uint32_t i = 0; plan.in_place() != nullptr && i < plan.in_place()->size(); ++i) {
    const AllocationNumber a{plan.in_place()->Get(i)};
    if (a.value >= edit.state().allocations().size() || edit.state().allocation(a).job != job) continue;
    if (!edit.state().allocation(a).holds_room()) continue;
    if (!in_place.update(a)) {
      refused.add("allocation holds another amount or other ports than the new version asks for");
      continue;
    }
    count_placed(edit, deployment, edit.state().group_of(edit.state().allocation(a)).name, 1);
  }
}

// A plan that was refused as a whole was an attempt as well, if anybody waits for it.
void count_refusal(StateEdit& edit, const wire::SubmitPlan& plan, const std::string& refusal) {
  if (edit.state().rules() < 2 || plan.evaluation() >= edit.state().evaluations().size()) return;
  const EvaluationState& evaluation = edit.state().evaluation(EvaluationNumber{plan.evaluation()});
  if (evaluation.status != EvaluationStatus::pending) return;
  const JobNumber job = evaluation.job;
  note_refused_plan(edit, plan);
  give_up_if_spent(edit, plan, Findings::none, refusal, {});
  refresh_job_status(edit, job);
}

// The last chunk ends the evaluation, or the attempt when something was refused, in this chunk or one before.
void end_attempt(StateEdit& edit, const wire::SubmitPlan& plan, const Refused& refused) {
  if (edit.state().rules() < 2) {
    // Attempts were without number, and each chunk stood for itself.
    if (plan.last_chunk() && refused.parts == 0) conclude_evaluation(edit, plan);
    return;
  }
  if (refused.parts != 0) note_refused_plan(edit, plan);
  if (!plan.last_chunk()) return;
  if (was_refused(edit.state(), plan)) {
    give_up_if_spent(edit, plan, Findings::of_plan,
                     refused.parts != 0 ? refused.why : "an earlier part of the plan was refused", refused.unplaced);
  } else {
    conclude_evaluation(edit, plan);
  }
}

}  // namespace

CommandOutcome submit_plan(StateEdit& edit, const wire::SubmitPlan& plan) {
  if (std::string refusal = refuse_plan(edit.state(), plan); !refusal.empty()) {
    count_refusal(edit, plan, refusal);
    return {.refusal = std::move(refusal)};
  }
  // Stops come first: the room that they give back is what the placements after them were planned into.
  Refused refused;
  stop(edit, plan, refused);
  const DeploymentNumber deployment = deployment_of(edit, plan);
  update_in_place(edit, plan, deployment, refused);
  for (std::uint32_t i = 0; plan.placements() != nullptr && i < plan.placements()->size(); ++i)
    place(edit, plan, *plan.placements()->Get(i), deployment, refused);
  end_attempt(edit, plan, refused);
  refresh_job_status(edit, JobNumber{plan.job()});
  return {.evaluation = EvaluationNumber{plan.evaluation()}, .refused_placements = refused.parts};
}

}  // namespace orch

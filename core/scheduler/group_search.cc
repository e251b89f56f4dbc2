#include "core/scheduler/group_search.h"

#include <algorithm>
#include <utility>

#include "core/base/assert.h"
#include "core/scheduler/assign_ports.h"

namespace orch {

GroupSearch::GroupSearch(const State& state, const JobState& job, std::uint16_t group, const Feasible& feasible,
                         const Plan& plan, PlannedNodes& nodes, Scratch& scratch)
    : state_(state),
      group_(job.job().task_groups[group]),
      shape_(job.newest().shapes[group]),
      feasible_(feasible),
      nodes_(nodes),
      scratch_(scratch),
      distinct_(state, job, group_, plan) {
  if (scratch_.size() < state.nodes().size()) scratch_.resize(state.nodes().size());
  std::vector<AllocationNumber> stopped;
  for (const WantedStop& s : plan.stops) stopped.push_back(s.allocation);
  std::sort(stopped.begin(), stopped.end());
  for (AllocationNumber n : job.current) {
    const AllocationState& a = state.allocation(n);
    if (!a.holds_room() || std::binary_search(stopped.begin(), stopped.end(), n)) continue;
    if (state.group_of(a).name == group_.name) ++note(a.node).collisions;
  }
}

GroupSearch::~GroupSearch() {
  for (NodeNumber n : noted_) scratch_[n.value] = {};
}

void GroupSearch::begin(GroupMetrics& metrics) {
  ORCH_ASSERT(heap_.empty(), "a search begins once");
  heap_.reserve(feasible_.nodes.size());
  for (NodeNumber n : feasible_.nodes) {
    const NodeUse use = nodes_.use_of(n);
    if (const std::string_view dimension = nodes_.exhausted(n, use, shape_); dimension.empty()) {
      heap_.push_back(candidate(n, use));
    } else {
      count_exhausted(metrics, *state_.node(n).node, dimension);
    }
  }
  std::make_heap(heap_.begin(), heap_.end());  // linear, which one by one would not be
}

std::optional<GroupSearch::Found> GroupSearch::take_best() {
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end());
    const Candidate best = heap_.back();
    heap_.pop_back();
    const NodeNumber n{best.node};
    if (best.revision != scratch_[n.value].revision) continue;
    if (!distinct_.refuses(n).empty()) {
      refused_.push_back(n);
      continue;
    }
    auto ports = assign_ports(nodes_, n, group_, shape_, state_.index());
    // Without a candidate until somebody leaves it: nothing else makes ports free.
    if (!ports) continue;
    const NodeUse use = nodes_.use_of(n);
    ORCH_ASSERT(nodes_.missing_room(n, use, shape_, *ports).empty(), "what is placed fits, as the reducer judges it");
    const Score fit = binpack(state_.node(n), use, shape_);
    ORCH_ASSERT(final_score(fit, scratch_[n.value].collisions, static_cast<std::uint32_t>(group_.count)) == best.score,
                "a valid candidate has its node's present score");
    nodes_.take_room(n, shape_, *ports);
    distinct_.placed(n);
    ++note(n).collisions;
    consider(n);
    return Found{n, fit, *std::move(ports)};
  }
  return std::nullopt;
}

void GroupSearch::leave(AllocationNumber n) {
  const AllocationState& a = state_.allocation(n);
  if (!a.holds_room()) return;
  ORCH_ASSERT(scratch_[a.node.value].collisions > 0, "who leaves a node was counted there");
  nodes_.free_room(n);
  --note(a.node).collisions;
  distinct_.left(a.node);
  // One allocation less may lift the refusal of any node: a property is shared by many.
  for (NodeNumber refused : refused_) look_again(refused);
  refused_.clear();
  look_again(a.node);
}

void GroupSearch::stay(AllocationNumber n) {
  const AllocationState& a = state_.allocation(n);
  if (!a.holds_room()) return;
  nodes_.hold_room(n);
  ++note(a.node).collisions;
  distinct_.placed(a.node);
  look_again(a.node);
}

GroupSearch::OfNode& GroupSearch::note(NodeNumber n) {
  OfNode& of_node = scratch_[n.value];
  if (!of_node.noted) {
    ORCH_ASSERT(of_node.collisions == 0 && of_node.revision == 0, "a search leaves nothing in the scratch");
    noted_.push_back(n);
  }
  of_node.noted = true;
  return of_node;
}

GroupSearch::Candidate GroupSearch::candidate(NodeNumber n, const NodeUse& use) const {
  const Score fit = binpack(state_.node(n), use, shape_);
  const OfNode& of_node = scratch_[n.value];
  return {final_score(fit, of_node.collisions, static_cast<std::uint32_t>(group_.count)), n.value, of_node.revision};
}

void GroupSearch::consider(NodeNumber n) {
  const NodeUse use = nodes_.use_of(n);
  if (!nodes_.exhausted(n, use, shape_).empty()) return;
  heap_.push_back(candidate(n, use));
  std::push_heap(heap_.begin(), heap_.end());
}

// What the heap holds of the node is void: its room, ports or siblings changed.
void GroupSearch::look_again(NodeNumber n) {
  if (!std::binary_search(feasible_.nodes.begin(), feasible_.nodes.end(), n)) return;
  ++note(n).revision;
  consider(n);
}

}  // namespace orch

#include "core/scheduler/schedule.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/scheduler/constraint.h"
#include "core/scheduler/distinct.h"
#include "core/scheduler/feasible.h"
#include "core/scheduler/score.h"

namespace orch {
namespace {

/// What the plan in the making changes on nodes, beside what the state says.
struct NodeChange {
  NodeNumber node;
  NodeUse use;
  std::vector<std::uint16_t> freed_ports, taken_ports;  // unsorted, few
};

class Planner {
 public:
  Planner(Feasibility& feasibility, PlannerScratch& scratch, const State& state, JobNumber number, const JobState& job)
      : feasibility_(feasibility), nodes_(scratch.nodes), state_(state), job_(job) {
    if (nodes_.size() < state.nodes().size()) nodes_.resize(state.nodes().size());
    plan_.job = number;
    plan_.job_version = job_.newest().version;
    plan_.state_index = state.index();
  }

  ~Planner() {
    for (const NodeChange& change : changes_) nodes_[change.node.value].change = 0;
  }

  Plan run() {
    Changes changes = reconcile(state_, job_);
    plan_.create_deployment = changes.create_deployment;
    for (const WantedStop& s : changes.stop) stop(s);
    for (GroupChanges& group : changes.groups) check_in_place(group);
    for (const GroupChanges& group : changes.groups) {
      for (const WantedStop& s : group.stop) stop(s);
    }
    plan_.queued.assign(changes.groups.size(), 0);
    for (GroupChanges& group : changes.groups) {
      if (!group.place.empty()) place(group);
      plan_.desired.push_back(group.desired);
      plan_.destructive_in_all.push_back(group.destructive_in_all);
    }
    return std::move(plan_);
  }

 private:
  NodeChange& change(NodeNumber n) {
    std::uint32_t& place = nodes_[n.value].change;
    if (place == 0) {
      changes_.push_back({.node = n, .use = NodeUse::of(state_.node(n))});
      place = static_cast<std::uint32_t>(changes_.size());
    }
    return changes_[place - 1];
  }
  const NodeChange* changed(NodeNumber n) const {
    const std::uint32_t place = nodes_[n.value].change;
    return place == 0 ? nullptr : &changes_[place - 1];
  }

  void stop(const WantedStop& s) {
    plan_.stops.push_back(s);
    free_room(s.allocation);
  }

  void free_room(AllocationNumber n) {
    const AllocationState& a = state_.allocation(n);
    if (!a.holds_room()) return;
    NodeChange& c = change(a.node);
    c.use.remove(state_.shape_of(a));
    for (std::uint16_t port : state_.ports_of(n)) c.freed_ports.push_back(port);
  }

  /// Undoes `free_room`, of the last allocation that was freed.
  void hold_room(AllocationNumber n) {
    const AllocationState& a = state_.allocation(n);
    if (!a.holds_room()) return;
    NodeChange& c = change(a.node);
    c.use.add(state_.shape_of(a));
    c.freed_ports.resize(c.freed_ports.size() - state_.shape_of(a).port_count());
  }

  // A node that no longer meets the new version can't keep the allocation: it is replaced instead, in its turn.
  void check_in_place(GroupChanges& group) {
    if (group.in_place.empty()) return;
    const TaskGroup& g = job_.job().task_groups[group.group];
    Distinct distinct(state_, job_, g, plan_);
    for (AllocationNumber n : group.in_place) {
      const NodeNumber node = state_.allocation(n).node;
      distinct.left(node);
      const bool may_stay = is_still_feasible(node, g) && distinct.refuses(node).empty();
      distinct.placed(node);
      if (may_stay) {
        plan_.in_place.push_back(n);
        continue;
      }
      --group.desired.in_place;
      ++group.destructive_in_all;
      if (group.may_replace == 0) {
        ++group.desired.ignore;
        continue;
      }
      --group.may_replace;
      ++group.desired.destructive;
      group.place.push_back({state_.allocation(n).name, n, true});
    }
  }

  bool is_still_feasible(NodeNumber n, const TaskGroup& group) const {
    const Node& node = *state_.node(n).node;
    const auto& datacenters = job_.job().datacenters;
    std::string reason;
    return std::find(datacenters.begin(), datacenters.end(), node.datacenter) != datacenters.end() &&
           is_feasible(node, job_.job(), group, reason);
  }

  struct Candidate {
    Score score;
    std::uint32_t node;
    std::uint32_t revision;                     // of the node in this group's search; an older one is void
    bool operator<(const Candidate& o) const {  // the heap's top is the greatest: best score, then lowest node
      return score != o.score ? score < o.score : node > o.node;
    }
  };

  /// One group's search for nodes.
  struct Search {
    const TaskGroup& group;
    const GroupShape& shape;
    const Feasible& feasible;
    Distinct distinct;
    std::vector<Candidate> heap = {};
    std::vector<NodeNumber> refused = {};  // by distinct_*: back in the heap when one of the group goes
    std::vector<NodeNumber> noted = {};    // nodes whose scratch is of this search
  };
  PlannerScratch::OfNode& note(NodeNumber n, Search& search) {
    PlannerScratch::OfNode& of_node = nodes_[n.value];
    if (!of_node.noted) search.noted.push_back(n);
    of_node.noted = true;
    return of_node;
  }

  void place(GroupChanges& wanted) {
    const TaskGroup& group = job_.job().task_groups[wanted.group];
    const Feasible& feasible = feasibility_.find(state_, job_.job(), group);
    GroupMetrics metrics = feasible.metrics;
    metrics.group = wanted.group;
    const GroupMetrics of_all = metrics;
    Search search{.group = group,
                  .shape = job_.newest().shapes[wanted.group],
                  .feasible = feasible,
                  .distinct = Distinct(state_, job_, group, plan_)};

    std::vector<AllocationNumber> stopped;
    for (const WantedStop& s : plan_.stops) stopped.push_back(s.allocation);
    std::sort(stopped.begin(), stopped.end());
    for (AllocationNumber n : job_.current) {
      const AllocationState& a = state_.allocation(n);
      if (!a.holds_room() || std::binary_search(stopped.begin(), stopped.end(), n)) continue;
      if (state_.group_of(a).name == group.name) ++note(a.node, search).collisions;
    }

    search.heap.reserve(feasible.nodes.size());
    for (NodeNumber n : feasible.nodes) {
      if (const std::string_view dimension = exhausted(n, search.shape); dimension.empty()) {
        search.heap.push_back(candidate(n, search));
      } else {
        count_exhausted(metrics, n, dimension);
      }
    }
    std::make_heap(search.heap.begin(), search.heap.end());

    GroupPlacements made{.group = wanted.group};
    std::uint32_t failed = 0;
    for (const WantedPlacement& w : wanted.place) {
      // An update's predecessor makes room for its successor, and only if that finds a place: room that it may have to
      // take back is given to nobody else.
      if (w.updates) leave(w.replaces, search);
      if (pick(w, search, made)) {
        if (w.updates) plan_.stops.push_back({w.replaces, StopReason::updated, false});
        continue;
      }
      if (failed++ == 0) metrics = why_nowhere(search, of_all);
      if (w.updates) stay(w.replaces, search);
    }
    for (NodeNumber n : search.noted) nodes_[n.value] = {.change = nodes_[n.value].change};
    metrics.failed = failed;
    plan_.queued[wanted.group] = failed;
    plan_.metrics.push_back(std::move(metrics));
    if (!made.nodes.empty()) plan_.placements.push_back(std::move(made));
  }

  void leave(AllocationNumber n, Search& search) {
    const AllocationState& a = state_.allocation(n);
    if (!a.holds_room()) return;
    free_room(n);
    --note(a.node, search).collisions;
    search.distinct.left(a.node);
    for (NodeNumber refused : search.refused) look_again(refused, search);
    search.refused.clear();
    look_again(a.node, search);
  }

  void stay(AllocationNumber n, Search& search) {
    const AllocationState& a = state_.allocation(n);
    if (!a.holds_room()) return;
    hold_room(n);
    ++note(a.node, search).collisions;
    search.distinct.placed(a.node);
    look_again(a.node, search);
  }

  void look_again(NodeNumber n, Search& search) {
    if (!std::binary_search(search.feasible.nodes.begin(), search.feasible.nodes.end(), n)) return;
    ++note(n, search).revision;
    consider(n, search);
  }

  void consider(NodeNumber n, Search& search) {
    if (!exhausted(n, search.shape).empty()) return;
    search.heap.push_back(candidate(n, search));
    std::push_heap(search.heap.begin(), search.heap.end());
  }

  Candidate candidate(NodeNumber n, const Search& search) const {
    const Score fit = binpack(state_.node(n), use_of(n), search.shape);
    const auto count = static_cast<std::uint32_t>(search.group.count);
    return {final_score(fit, nodes_[n.value].collisions, count), n.value, nodes_[n.value].revision};
  }

  NodeUse use_of(NodeNumber n) const {
    const NodeChange* planned = changed(n);
    return planned == nullptr ? NodeUse::of(state_.node(n)) : planned->use;
  }

  /// What a node has too little of; empty when the shape fits.
  std::string_view exhausted(NodeNumber n, const GroupShape& shape) const {
    const std::string_view dimension = exhausted_dimension(state_.node(n), use_of(n), shape);
    if (dimension.empty() && !static_ports_free(n, shape)) return "network: reserved port collision";
    return dimension;
  }

  void count_exhausted(GroupMetrics& metrics, NodeNumber n, std::string_view dimension) const {
    ++metrics.nodes_exhausted;
    count(metrics.dimension_exhausted, dimension);
    const std::string& node_class = state_.node(n).node->node_class;
    if (!node_class.empty()) count(metrics.class_exhausted, node_class);
  }

  /// The metrics of a placement that failed: what each feasible node lacks at this point of the plan.
  GroupMetrics why_nowhere(const Search& search, GroupMetrics metrics) const {
    for (NodeNumber n : search.feasible.nodes) {
      if (const std::string reason = search.distinct.refuses(n); !reason.empty()) {
        ++metrics.nodes_filtered;
        count(metrics.constraint_filtered, reason);
        continue;
      }
      const std::string_view dimension = exhausted(n, search.shape);
      count_exhausted(metrics, n, dimension.empty() ? "network: dynamic port selection failed" : dimension);
    }
    return metrics;
  }

  bool pick(const WantedPlacement& wanted, Search& search, GroupPlacements& made) {
    while (!search.heap.empty()) {
      std::pop_heap(search.heap.begin(), search.heap.end());
      const Candidate best = search.heap.back();
      search.heap.pop_back();
      const NodeNumber n{best.node};
      if (best.revision != nodes_[n.value].revision) continue;
      if (!search.distinct.refuses(n).empty()) {
        search.refused.push_back(n);
        continue;
      }
      std::vector<std::uint16_t> ports;
      if (!assign_ports(n, search.shape, search.group, ports)) continue;
      // The fit alone: what holds a node back beside it (its siblings there) follows from the state.
      const Score fit = binpack(state_.node(n), use_of(n), search.shape);
      NodeChange& c = change(n);
      c.use.add(search.shape);
      c.taken_ports.insert(c.taken_ports.end(), ports.begin(), ports.end());
      search.distinct.placed(n);
      ++note(n, search).collisions;
      made.nodes.push_back(best.node);
      made.names.push_back(wanted.name);
      made.replaces.push_back(wanted.replaces ? wanted.replaces.value + 1 : 0);
      made.scores.push_back(static_cast<std::uint16_t>(fit * 65535 / score_one));
      made.ports.insert(made.ports.end(), ports.begin(), ports.end());
      consider(n, search);
      return true;
    }
    return false;
  }

  bool port_free(NodeNumber n, std::uint16_t port) const {
    if (const NodeChange* planned = changed(n)) {
      const auto& taken = planned->taken_ports;
      if (std::find(taken.begin(), taken.end(), port) != taken.end()) return false;
      const auto& freed = planned->freed_ports;
      if (std::find(freed.begin(), freed.end(), port) != freed.end()) return true;
    }
    const auto& ports = state_.node(n).ports;
    return !std::binary_search(ports.begin(), ports.end(), port);
  }

  // Asking for one port twice is asking for what no node has. (Validation refuses such a job; the log may hold one.)
  bool static_ports_free(NodeNumber n, const GroupShape& shape) const {
    const auto begin = shape.static_ports.begin();
    for (auto port = begin; port != shape.static_ports.end(); ++port) {
      if (!port_free(n, *port) || std::find(begin, port, *port) != port) return false;
    }
    return true;
  }

  // Ports in the order of the group's networks: reserved ones as asked for, dynamic ones from a starting point that
  // moves with the state's index, so that a port just given back is not handed out at once.
  bool assign_ports(NodeNumber n, const GroupShape& shape, const TaskGroup& group, std::vector<std::uint16_t>& ports) {
    if (shape.port_count() == 0) return true;
    constexpr std::uint32_t range = dynamic_port_last - dynamic_port_first + 1;
    std::uint32_t next =
        static_cast<std::uint32_t>((state_.index() * 2654435761u + std::uint64_t{n.value} * 40503u) % range);
    auto dynamic = [&]() -> std::uint16_t {
      for (std::uint32_t tried = 0; tried < range; ++tried, next = (next + 1) % range) {
        const auto port = static_cast<std::uint16_t>(dynamic_port_first + next);
        if (port_free(n, port) && std::find(ports.begin(), ports.end(), port) == ports.end()) return port;
      }
      return 0;
    };
    auto add = [&](const NetworkResource& network) {
      for (const Port& port : network.reserved_ports) ports.push_back(static_cast<std::uint16_t>(port.value));
      for (std::size_t i = 0; i < network.dynamic_ports.size(); ++i) ports.push_back(dynamic());
    };
    for (const NetworkResource& network : group.networks) add(network);
    for (const Task& task : group.tasks) {
      for (const NetworkResource& network : task.resources.networks) add(network);
    }
    return std::find(ports.begin(), ports.end(), 0) == ports.end();
  }

  Feasibility& feasibility_;
  std::vector<PlannerScratch::OfNode>& nodes_;
  const State& state_;
  const JobState& job_;
  Plan plan_;
  std::vector<NodeChange> changes_;
};

}  // namespace

Plan Scheduler::schedule(const State& state, EvaluationNumber evaluation) {
  const JobNumber job = state.evaluation(evaluation).job;
  Plan plan = Planner(feasibility_, scratch_, state, job, state.job(job)).run();
  plan.evaluation = evaluation;
  return plan;
}

DryRun Scheduler::dry_run(const State& state, const Job& job) {
  const JobNumber number = state.find_job(job.id);
  JobState would_be = number ? state.job(number) : JobState{.id = job.id};
  DryRun made;
  if (number) {
    made.job_modify_index = would_be.newest().job_modify_index;
    made.before = would_be.newest().job;
    made.was_stopped = would_be.stopped;
  }
  if (made.before == nullptr || made.was_stopped || !(*made.before == job)) {
    JobVersion version{.job = std::make_shared<const Job>(job),
                       .version = would_be.versions.empty() ? 0 : would_be.newest().version + 1};
    for (const TaskGroup& group : job.task_groups) version.shapes.push_back(shape_of(group));
    would_be.versions.push_back(std::move(version));
    would_be.stopped = false;
  }
  made.plan = Planner(feasibility_, scratch_, state, number, would_be).run();
  return made;
}

}  // namespace orch

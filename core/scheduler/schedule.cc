#include "core/scheduler/schedule.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "core/base/assert.h"
#include "core/scheduler/constraint.h"
#include "core/scheduler/distinct.h"
#include "core/scheduler/feasible.h"
#include "core/scheduler/score.h"

namespace orch {
namespace {

/// What the plan in the making changes on nodes, beside what the state says.
struct NodeChange {
  NodeUse use;
  std::vector<std::uint16_t> freed_ports, taken_ports;  // unsorted, few
};

class Planner {
 public:
  Planner(const State& state, JobNumber number, const JobState& job) : state_(state), job_(job) {
    plan_.job = number;
    plan_.job_version = job_.newest().version;
    plan_.state_index = state.index();
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
    auto [it, made] = changes_.try_emplace(n.value);
    if (made) it->second.use = NodeUse::of(state_.node(n));
    return it->second;
  }

  void stop(const WantedStop& s) {
    plan_.stops.push_back(s);
    const AllocationState& a = state_.allocation(s.allocation);
    if (!a.holds_room()) return;
    const GroupShape& shape = state_.shape_of(a);
    NodeChange& c = change(a.node);
    c.use.remove(shape);
    for (std::uint16_t port : state_.ports_of(s.allocation)) c.freed_ports.push_back(port);
  }

  // The replacement found no place: the running predecessor goes on, as in Nomad.
  void keep(AllocationNumber n) {
    auto it = std::find_if(plan_.stops.begin(), plan_.stops.end(), [&](const WantedStop& s) {
      return s.allocation == n && s.reason == StopReason::updated;
    });
    if (it == plan_.stops.end()) return;
    plan_.stops.erase(it);
    const AllocationState& a = state_.allocation(n);
    if (a.holds_room()) change(a.node).use.add(state_.shape_of(a));
  }

  // A node that no longer meets the new version can't keep the allocation: it is replaced instead.
  void check_in_place(GroupChanges& group) {
    const TaskGroup& g = job_.job().task_groups[group.group];
    std::string reason;
    for (AllocationNumber n : group.in_place) {
      const NodeState& node = state_.node(state_.allocation(n).node);
      const auto& datacenters = job_.job().datacenters;
      const bool here = std::find(datacenters.begin(), datacenters.end(), node.node->datacenter) != datacenters.end();
      if (here && is_feasible(*node.node, job_.job(), g, reason)) {
        plan_.in_place.push_back(n);
        continue;
      }
      --group.desired.in_place;
      ++group.desired.destructive;
      ++group.destructive_in_all;
      group.stop.push_back({n, StopReason::updated, false});
      group.place.push_back({state_.allocation(n).name, n});
    }
  }

  struct Candidate {
    Score score;
    std::uint32_t node;
    std::uint32_t collisions;
    bool operator<(const Candidate& o) const {  // the heap's top is the greatest: best score, then lowest node
      return score != o.score ? score < o.score : node > o.node;
    }
  };

  void place(GroupChanges& wanted) {
    const TaskGroup& group = job_.job().task_groups[wanted.group];
    const GroupShape& shape = job_.newest().shapes[wanted.group];
    GroupMetrics metrics{.group = wanted.group};
    const Feasible feasible = feasible_nodes(state_, job_.job(), group, metrics);
    Distinct distinct(state_, job_, group, plan_.stops);

    std::unordered_map<std::uint32_t, std::uint32_t> collisions;  // looked up, never walked
    std::set<AllocationNumber> stopped;
    for (const WantedStop& s : plan_.stops) stopped.insert(s.allocation);
    for (AllocationNumber n : job_.current) {
      const AllocationState& a = state_.allocation(n);
      if (a.holds_room() && !stopped.contains(n) && state_.group_of(a).name == group.name) ++collisions[a.node.value];
    }

    std::vector<Candidate> heap;
    heap.reserve(feasible.nodes.size());
    for (NodeNumber n : feasible.nodes) {
      auto it = collisions.find(n.value);
      consider(n, it == collisions.end() ? 0 : it->second, shape, group, metrics, heap);
    }
    std::make_heap(heap.begin(), heap.end());

    GroupPlacements made{.group = wanted.group};
    std::uint32_t failed = 0;
    for (const WantedPlacement& w : wanted.place) {
      if (pick(w, shape, group, metrics, distinct, heap, made)) continue;
      ++failed;
      if (w.replaces) keep(w.replaces);
    }
    metrics.failed = failed;
    plan_.queued[wanted.group] = failed;
    plan_.metrics.push_back(std::move(metrics));
    if (!made.nodes.empty()) plan_.placements.push_back(std::move(made));
  }

  void consider(NodeNumber n, std::uint32_t collisions, const GroupShape& shape, const TaskGroup& group,
                GroupMetrics& metrics, std::vector<Candidate>& heap) {
    const NodeState& node = state_.node(n);
    auto it = changes_.find(n.value);
    const NodeUse use = it == changes_.end() ? NodeUse::of(node) : it->second.use;
    std::string_view dimension = exhausted_dimension(node, use, shape);
    if (dimension.empty() && !static_ports_free(n, shape)) dimension = "network: reserved port collision";
    if (!dimension.empty()) {
      ++metrics.nodes_exhausted;
      count(metrics.dimension_exhausted, dimension);
      if (!node.node->node_class.empty()) count(metrics.class_exhausted, node.node->node_class);
      return;
    }
    const Score fit = binpack(node, use, shape);
    heap.push_back({final_score(fit, collisions, static_cast<std::uint32_t>(group.count)), n.value, collisions});
  }

  bool pick(const WantedPlacement& wanted, const GroupShape& shape, const TaskGroup& group, GroupMetrics& metrics,
            Distinct& distinct, std::vector<Candidate>& heap, GroupPlacements& made) {
    bool placed = false;
    while (!heap.empty() && !placed) {
      std::pop_heap(heap.begin(), heap.end());
      const Candidate best = heap.back();
      heap.pop_back();
      const NodeNumber n{best.node};
      if (const std::string reason = distinct.refuses(n); !reason.empty()) {
        // Counts only grow while a plan is made, so this node is out for good.
        ++metrics.nodes_filtered;
        count(metrics.constraint_filtered, reason);
        continue;
      }
      std::vector<std::uint16_t> ports;
      if (!assign_ports(n, shape, group, ports)) {
        ++metrics.nodes_exhausted;
        count(metrics.dimension_exhausted, "network: dynamic port selection failed");
        continue;
      }
      NodeChange& c = change(n);
      c.use.add(shape);
      c.taken_ports.insert(c.taken_ports.end(), ports.begin(), ports.end());
      distinct.placed(n);
      made.nodes.push_back(best.node);
      made.names.push_back(wanted.name);
      made.replaces.push_back(wanted.replaces ? wanted.replaces.value + 1 : 0);
      made.scores.push_back(static_cast<std::uint16_t>(std::clamp<Score>(best.score * 65535 / score_one, 0, 65535)));
      made.ports.insert(made.ports.end(), ports.begin(), ports.end());
      placed = true;

      const std::size_t before = heap.size();
      consider(n, best.collisions + 1, shape, group, metrics, heap);
      if (heap.size() != before) std::push_heap(heap.begin(), heap.end());
    }
    return placed;
  }

  bool port_free(NodeNumber n, std::uint16_t port) const {
    auto it = changes_.find(n.value);
    if (it != changes_.end()) {
      const auto& taken = it->second.taken_ports;
      if (std::find(taken.begin(), taken.end(), port) != taken.end()) return false;
      const auto& freed = it->second.freed_ports;
      if (std::find(freed.begin(), freed.end(), port) != freed.end()) return true;
    }
    const auto& ports = state_.node(n).ports;
    return !std::binary_search(ports.begin(), ports.end(), port);
  }

  bool static_ports_free(NodeNumber n, const GroupShape& shape) const {
    return std::all_of(shape.static_ports.begin(), shape.static_ports.end(),
                       [&](std::uint16_t port) { return port_free(n, port); });
  }

  // Ports in the order of the group's networks: reserved ones as asked for, dynamic ones from a starting point that
  // moves with the state's index, so that a port just given back is not handed out at once.
  bool assign_ports(NodeNumber n, const GroupShape& shape, const TaskGroup& group, std::vector<std::uint16_t>& ports) {
    if (shape.port_count() == 0) return true;
    constexpr std::uint32_t range = dynamic_port_last - dynamic_port_first + 1;
    std::uint32_t next = static_cast<std::uint32_t>((state_.index() * 2654435761u + n.value * 40503u) % range);
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

  const State& state_;
  const JobState& job_;
  Plan plan_;
  std::map<std::uint32_t, NodeChange> changes_;
};

}  // namespace

Plan schedule(const State& state, EvaluationNumber evaluation) {
  const JobNumber job = state.evaluation(evaluation).job;
  Plan plan = Planner(state, job, state.job(job)).run();
  plan.evaluation = evaluation;
  return plan;
}

DryRun dry_run(const State& state, const Job& job) {
  const JobNumber number = state.find_job(job.id);
  JobState would_be = number ? state.job(number) : JobState{.id = job.id};
  DryRun made;
  if (number) {
    made.job_modify_index = would_be.newest().job_modify_index;
    if (!would_be.stopped) made.before = would_be.newest().job;
  }
  if (made.before == nullptr || !(*made.before == job)) {
    JobVersion version{.job = std::make_shared<const Job>(job),
                       .version = would_be.versions.empty() ? 0 : would_be.newest().version + 1};
    for (const TaskGroup& group : job.task_groups) version.shapes.push_back(shape_of(group));
    would_be.versions.push_back(std::move(version));
    would_be.stopped = false;
  }
  made.plan = Planner(state, number, would_be).run();
  return made;
}

}  // namespace orch

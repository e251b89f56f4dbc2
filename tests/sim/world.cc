#include "tests/sim/world.h"

#include <algorithm>

#include "core/jobspec/canonicalize.h"
#include "core/log/record.h"
#include "core/model/tables.h"
#include "tests/sim/nonsense.h"

namespace orch::sim {
namespace {

constexpr int job_names = 5;

std::string behaviour(Dice& dice, bool batch) {
  if (batch)
    return dice.one_in(5) ? "fail " + std::to_string(dice.between(1, 30))
                          : "exit " + std::to_string(dice.between(1, 200));
  if (dice.one_in(8)) return "nostart";
  if (dice.one_in(6)) return "fail " + std::to_string(dice.between(1, 90));
  return "run";
}

// Static and dynamic ports, as many as there may be or a few; a static one may lie among the dynamic ones.
NetworkResource random_network(Dice& dice) {
  NetworkResource network{.mbits = static_cast<std::int32_t>(dice.between(1, 10))};
  const bool many = dice.one_in(8);
  const std::int64_t dynamic = many ? dice.between(50, 300) : dice.between(1, 3);
  for (std::int64_t i = 0; i < dynamic; ++i) network.dynamic_ports.push_back({.label = "d" + std::to_string(i)});
  if (many) {
    const std::int64_t first = 20000 + dice.below(400), apart = dice.between(7, 40);
    for (std::int64_t i = 0; i < 250; ++i) {
      network.reserved_ports.push_back(
          {.label = "s" + std::to_string(i), .value = static_cast<std::int32_t>(first + i * apart)});
    }
  }
  if (dice.one_in(3))
    network.reserved_ports.push_back({.label = "fixed", .value = static_cast<std::int32_t>(8000 + dice.below(4))});
  return network;
}

template <class T>
void shuffle(Dice& dice, std::vector<T>& all) {
  for (std::size_t left = all.size(); left > 1; --left)
    std::swap(all[left - 1], all[static_cast<std::size_t>(dice.below(static_cast<std::int64_t>(left)))]);
}

// The same job with its parts in another order; now and then a port has become another one.
void reorder(Dice& dice, Job& job) {
  shuffle(dice, job.task_groups);
  for (TaskGroup& group : job.task_groups) {
    shuffle(dice, group.tasks);
    for (Task& task : group.tasks) {
      for (NetworkResource& network : task.resources.networks) {
        shuffle(dice, network.dynamic_ports);
        shuffle(dice, network.reserved_ports);
        if (!network.reserved_ports.empty() && dice.one_in(6)) network.reserved_ports[0].value += 4;
        if (network.dynamic_ports.size() > 1 && dice.one_in(6)) {
          network.reserved_ports.push_back({.label = network.dynamic_ports.back().label, .value = 9000});
          network.dynamic_ports.pop_back();
        }
      }
    }
  }
}

Job random_job(Dice& dice, std::string id) {
  Job job;
  job.id = job.name = std::move(id);
  const bool batch = dice.one_in(3);
  job.type = batch ? "batch" : "service";
  job.priority = static_cast<std::int32_t>(dice.between(1, 4) * 20);
  job.datacenters = {"dc1"};
  const std::int64_t groups = dice.one_in(3) ? 2 : 1;
  for (std::int64_t g = 0; g < groups; ++g) {
    TaskGroup group;
    group.name = "g" + std::to_string(g);
    group.count = static_cast<std::int32_t>(dice.below(7));
    const std::int64_t tasks = dice.one_in(3) ? dice.between(2, 3) : 1;
    for (std::int64_t t = 0; t < tasks; ++t) {
      Task task;
      task.name = "t" + std::to_string(t);
      task.driver = "mock_driver";
      task.env["SIM"] = behaviour(dice, batch);
      task.resources.cpu = static_cast<std::int32_t>(dice.between(1, 8) * 100);
      task.resources.memory_mb = static_cast<std::int32_t>(dice.between(1, 8) * 64);
      if (dice.one_in(2)) task.resources.networks.push_back(random_network(dice));
      group.tasks.push_back(task);
    }
    group.restart = RestartPolicy{.attempts = static_cast<std::int32_t>(dice.below(3)),
                                  .interval = minutes(5),
                                  .delay = seconds(2),
                                  .mode = dice.one_in(3) ? "delay" : "fail"};
    if (dice.one_in(4)) {
      Constraint large;
      large.l_target = "${node.class}";
      large.operand = "=";
      large.r_target = dice.one_in(2) ? "large" : "small";
      group.constraints.push_back(large);
    }
    if (dice.one_in(6)) (dice.one_in(2) ? job.constraints : group.constraints).push_back({.operand = "distinct_hosts"});
    if (dice.one_in(6)) {
      Constraint racks;
      racks.l_target = "${meta.rack}";
      racks.operand = "distinct_property";
      racks.r_target = std::to_string(dice.between(1, 3));
      (dice.one_in(2) ? job.constraints : group.constraints).push_back(racks);
    }
    if (!batch && !dice.one_in(3)) {
      UpdateStrategy update;
      update.max_parallel = static_cast<std::int32_t>(dice.between(1, 3));
      update.min_healthy_time = seconds(dice.between(1, 10));
      update.healthy_deadline = seconds(60);
      update.progress_deadline = seconds(120);
      update.health_check = "task_states";
      group.update = update;
    }
    job.task_groups.push_back(group);
  }
  canonicalize(job);
  return job;
}

}  // namespace

World::World(std::uint64_t seed)
    : dice_(seed * 0x9e3779b97f4a7c15 + 1),
      servers_(agenda_, seed % 3 == 0 ? 2 : 16'384),
      has_nonsense_(seed % 5 == 0) {
  const std::int64_t nodes = dice_.between(2, 6);
  for (std::int64_t i = 0; i < nodes; ++i) {
    const bool large = dice_.one_in(2);
    char id[40];
    std::snprintf(id, sizeof id, "%08x-0000-4000-8000-000000000000", static_cast<unsigned>(i + 1));
    Machine machine{.id = id,
                    .node_class = large ? "large" : "small",
                    .rack = "r" + std::to_string(dice_.below(3)),
                    .cpu = large ? 8000 : 3000,
                    .memory_mb = large ? 8192 : 2048};
    nodes_.push_back(std::make_unique<FakeNode>(std::move(machine), agenda_, servers_, Dice(dice_.next())));
    seen_.push_back(0);
    agenda_.after(milliseconds(dice_.below(2000)), [this, i] { nodes_[static_cast<std::size_t>(i)]->come_back(); });
  }
  plan_next_deed();
}

void World::plan_next_deed() {
  agenda_.after(milliseconds(dice_.between(200, 20'000)), [this] {
    if (calm_) return;
    deed();
    plan_next_deed();
  });
}

void World::deed() {
  if (has_nonsense_ && dice_.one_in(3)) {
    last_deed_ = "nonsense";
    return servers_.submit(nonsense(dice_, state()), {});
  }
  switch (dice_.below(22)) {
    case 0:
    case 1:
    case 2:
      return stop_job();
    case 3:
    case 4:
    case 5:
      return disturb_node();
    case 6:
      last_deed_ = "the server crashes";
      servers_.crash(dice_.one_in(3));
      for (auto& node : nodes_) node->servers_crashed();
      return;
    case 7:
      servers_.fail_next_append();
      register_job();
      last_deed_ = "an append fails: " + last_deed_;
      return;
    case 8:
      return change_deployment();
    case 9:
    case 10:
      return change_eligibility();
    default:
      return register_job();
  }
}

void World::ask(GroupBuilder& group) {
  const std::uint64_t key = next_key_++;
  asked_[key] = group.finish({.actor = "somebody", .idempotency_key = "key-" + std::to_string(key)});
  ask_until_answered(key);
}

void World::ask_until_answered(std::uint64_t key) {
  const auto group = asked_.find(key);
  if (group == asked_.end()) return;
  servers_.submit(group->second, [this, key](const auto& answered) {
    // An answer may be lost on its way; then the question comes again.
    if (answered && !dice_.one_in(8)) asked_.erase(key);
  });
  agenda_.after(milliseconds(dice_.between(1000, 3000)), [this, key] { ask_until_answered(key); });
}

void World::register_job() {
  const std::string id = "job" + std::to_string(dice_.below(job_names));
  Job job;
  const JobNumber known = state().find_job(id);
  const std::int64_t way = dice_.below(6);
  if (known && !state().job(known).stopped && way != 0) {
    job = state().job(known).job();
    TaskGroup& group =
        job.task_groups[static_cast<std::size_t>(dice_.below(static_cast<std::int64_t>(job.task_groups.size())))];
    last_deed_ = "change " + id;
    if (way >= 4) last_deed_ = "reorder " + id;
    if (way == 1) group.count = static_cast<std::int32_t>(dice_.below(8));
    if (way == 2) group.tasks[0].env["SIM"] = behaviour(dice_, job.type == "batch");
    const bool apart = way == 3 && dice_.one_in(2);
    if (apart) group.constraints.push_back({.operand = "distinct_hosts"});
    if (way == 3 && !apart) job.meta["note"] = std::to_string(dice_.below(1000));
    if (way >= 4) reorder(dice_, job);
  } else {
    job = random_job(dice_, id);
    last_deed_ = "register " + id;
  }
  GroupBuilder group;
  // Some look first at what there is, and some of them too early.
  const bool careful = dice_.one_in(5);
  const LogIndex seen = known && !dice_.one_in(3) ? state().job(known).newest().job_modify_index : 0;
  group.register_job(job, careful, careful ? seen : 0);
  ask(group);
}

void World::stop_job() {
  const std::string id = "job" + std::to_string(dice_.below(job_names));
  const bool purge = dice_.one_in(3);
  last_deed_ = (purge ? "purge " : "stop ") + id;
  GroupBuilder group;
  group.deregister_job(id, purge);
  ask(group);
}

void World::change_deployment() {
  const auto& all = state().deployments();
  if (all.empty()) return register_job();
  const auto n = static_cast<std::uint32_t>(
      all.size() - 1 -
      static_cast<std::size_t>(dice_.below(std::min<std::int64_t>(3, static_cast<std::int64_t>(all.size())))));
  const auto action = static_cast<std::uint8_t>(dice_.below(3));
  last_deed_ = "action " + std::to_string(action) + " on deployment " + std::to_string(n);
  GroupBuilder group;
  group.add(wire::CreateSetDeploymentStatus(group.flat(), n, action));
  ask(group);
}

void World::disturb_node() {
  const auto place = static_cast<std::size_t>(dice_.below(static_cast<std::int64_t>(nodes_.size())));
  FakeNode& node = *nodes_[place];
  if (!node.is_here()) return;
  if (dice_.one_in(2)) {
    last_deed_ = "kill the agent of " + node.id();
    return node.kill_agent();
  }
  const bool dies = dice_.one_in(2);
  last_deed_ = (dies ? "the machine dies: " : "cut off: ") + node.id();
  node.go_away(dies);
  const Duration away = milliseconds(dice_.between(1000, 120'000));
  if (away > seconds(20)) {  // long enough for its heartbeats to be missed
    agenda_.after(seconds(20), [this, place] {
      if (nodes_[place]->is_here()) return;
      GroupBuilder group;
      group.set_node_status(nodes_[place]->id(), NodeStatus::down);
      servers_.submit(group.finish({.actor = "sim"}), {});
    });
  }
  agenda_.after(away, [this, place] { nodes_[place]->come_back(); });
}

void World::change_eligibility() {
  const auto place = static_cast<std::size_t>(dice_.below(static_cast<std::int64_t>(nodes_.size())));
  const NodeNumber n = state().find_node(nodes_[place]->id());
  if (!n) return;
  const bool eligible = !state().node(n).eligible;
  last_deed_ = (eligible ? "eligible: " : "ineligible: ") + nodes_[place]->id();
  GroupBuilder group;
  auto& flat = group.flat();
  group.add(wire::CreateSetNodeEligibility(flat, flat.CreateString(nodes_[place]->id()), eligible));
  ask(group);
}

// The real server wakes when a deadline of the state is due; so does this one.
void World::notice_deadline() {
  const Elapsed due = state().next_deadline();
  if (due == Elapsed::never()) return;
  const std::int64_t at = agenda_.now().ns + std::max<std::int64_t>(0, servers_.until_deadline().ns);
  if (at == deadline_planned_) return;
  deadline_planned_ = at;
  agenda_.after({at - agenda_.now().ns}, [] {});
}

bool World::step(Elapsed end) {
  if (!agenda_.step(end)) return false;
  runs_away_ = !servers_.settle();
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    const NodeNumber n = state().find_node(nodes_[i]->id());
    if (!n || state().node(n).allocations_index == seen_[i]) continue;
    seen_[i] = state().node(n).allocations_index;
    agenda_.after(milliseconds(dice_.between(1, 100)), [this, i] { nodes_[i]->sync(); });
  }
  notice_deadline();
  return true;
}

void World::calm_down() { calm_ = true; }

}  // namespace orch::sim

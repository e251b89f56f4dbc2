// Where allocations are: room, ports, names, distinct_*, and how many an update replaces at a time.
#include <algorithm>
#include <set>

#include "core/scheduler/constraint.h"
#include "tests/sim/properties.h"

namespace orch::sim {
namespace {

std::string number(std::uint32_t n) { return std::to_string(n); }

std::string among(std::int64_t used, std::int64_t capacity, const char* unit) {
  return std::to_string(used) + " of " + std::to_string(capacity) + " " + unit;
}

}  // namespace

// A node never holds more than it has, a port has one owner, and what is counted as used is what is there.
void Properties::room() {
  struct Held {
    std::int64_t cpu = 0, memory = 0, disk = 0, mbits = 0;
    std::vector<std::uint16_t> ports;
    std::vector<AllocationNumber> allocations;
  };
  std::vector<Held> held(state().nodes().size());
  for (std::uint32_t i : live_) {
    const AllocationState& a = state().allocations()[i];
    const GroupShape& shape = state().shape_of(a);
    Held& h = held[a.node.value];
    h.cpu += shape.cpu, h.memory += shape.memory_mb, h.disk += shape.disk_mb, h.mbits += shape.mbits;
    const auto ports = state().ports_of({i});
    for (std::uint16_t wanted : shape.static_ports) {
      if (std::find(ports.begin(), ports.end(), wanted) == ports.end()) {
        broken("a_static_port_is_given", named(state(), i) + ", port " + number(wanted));
      }
    }
    ports_of(i, ports);
    h.ports.insert(h.ports.end(), ports.begin(), ports.end());
    h.allocations.push_back({i});
  }
  for (std::uint32_t n = 0; n < held.size(); ++n) {
    const NodeState& node = state().nodes()[n];
    Held& h = held[n];
    if (h.cpu > node.cpu || h.memory > node.memory_mb || h.disk > node.disk_mb || h.mbits > node.mbits) {
      broken("no_node_over_capacity", "node " + number(n) + " holds " + among(h.cpu, node.cpu, "MHz, ") +
                                          among(h.memory, node.memory_mb, "MiB, ") +
                                          among(h.disk, node.disk_mb, "MiB disk, ") +
                                          among(h.mbits, node.mbits, "MBits"));
    }
    if (h.cpu != node.cpu_used || h.memory != node.memory_used_mb || h.disk != node.disk_used_mb ||
        h.mbits != node.mbits_used) {
      broken("used_is_what_is_there", "node " + number(n) + " counts " + among(node.cpu_used, h.cpu, "MHz"));
    }
    std::sort(h.ports.begin(), h.ports.end());
    if (std::adjacent_find(h.ports.begin(), h.ports.end()) != h.ports.end()) {
      broken("a_port_has_one_owner", "node " + number(n));
    }
    if (h.ports != node.ports) broken("used_is_what_is_there", "node " + number(n) + ", ports");
    std::vector<AllocationNumber> listed = node.allocations;
    std::sort(listed.begin(), listed.end());
    if (h.allocations != listed) broken("a_node_lists_what_it_holds", "node " + number(n));
  }
}

// What a task was started with is what it has for as long as it runs, wherever its file now has it.
void Properties::ports_of(std::uint32_t n, const std::vector<std::uint16_t>& ports) {
  if (ports.empty()) return;
  const TaskGroup& group = state().group_of(state().allocations()[n]);
  std::map<std::string, std::uint16_t> now;
  std::size_t next = 0;
  const auto add = [&](const std::string& task, const std::vector<NetworkResource>& networks) {
    for (const NetworkResource& network : networks) {
      for (const Port& port : network.reserved_ports) {
        if (ports[next] != port.value) broken("a_static_port_is_given", named(state(), n) + ", port " + port.label);
        now[task + "." + port.label] = ports[next++];
      }
      for (const Port& port : network.dynamic_ports) now[task + "." + port.label] = ports[next++];
    }
  };
  add("", group.networks);
  for (const Task& task : group.tasks) add(task.name, task.resources.networks);
  const auto [told, is_first] = told_ports_.emplace(n, now);
  if (!is_first && told->second != now) {
    broken("no_port_is_exchanged_under_a_running_task", named(state(), n));
    told->second = now;
  }
}

// At most `count` of a group want to run (an update stops the old one with the plan that places the new one), under
// names of their own; nothing of a stopped job does.
void Properties::names() {
  std::vector<std::map<std::string_view, std::set<std::uint32_t>>> names(state().jobs().size());
  std::vector<std::uint32_t> live(state().jobs().size(), 0);
  for (std::uint32_t i : live_) {
    const AllocationState& a = state().allocations()[i];
    const JobState& job = state().job(a.job);
    ++live[a.job.value];
    if (job.stopped || job.purged) {
      broken("nothing_of_a_stopped_job_runs", named(state(), i));
    } else if (!names[a.job.value][state().group_of(a).name].insert(a.name).second) {
      broken("a_name_is_taken_once", named(state(), i) + ", name " + number(a.name));
    }
  }
  for (std::uint32_t j = 0; j < state().jobs().size(); ++j) {
    const JobState& job = state().jobs()[j];
    if (live[j] != job.live) {
      broken("live_is_what_holds_room", job.id + " counts " + number(job.live) + ", there are " + number(live[j]));
    }
    for (const auto& [name, taken] : names[j]) {
      const auto& groups = job.job().task_groups;
      const auto group = std::find_if(groups.begin(), groups.end(), [&](const TaskGroup& g) { return g.name == name; });
      const std::int32_t count = group == groups.end() ? 0 : group->count;
      if (taken.size() > static_cast<std::size_t>(count)) {
        broken("never_more_than_count", job.id + "." + std::string(name) + " has " + std::to_string(taken.size()) +
                                            " of " + std::to_string(count));
      }
    }
  }
}

// Whoever was placed last among those that share a host (or a value) was placed in sight of the others, so its
// version's constraint holds for all of them; versions that came before may not have had it.
void Properties::distinct() {
  struct Shared {
    std::uint32_t count = 0, version = 0, limit = 0;  // limit: of the newest version; 0 none
  };
  std::map<std::pair<std::uint32_t, std::string>, Shared> shared;  // by job, and scope + target + value
  auto look = [&](std::uint32_t i, const std::string& scope, const std::vector<Constraint>& constraints) {
    const AllocationState& a = state().allocations()[i];
    const Node& node = *state().node(a.node).node;
    auto count = [&](const std::string& target, const std::string& value, std::uint32_t limit) {
      Shared& s = shared[{a.job.value, scope + "|" + target + "|" + value}];
      ++s.count;
      if (a.job_version > s.version) s.version = a.job_version, s.limit = 0;
      if (a.job_version == s.version) s.limit = limit;
    };
    std::uint32_t hosts = 0, racks = 0;
    for (const Constraint& c : constraints) {
      if (c.operand == "distinct_hosts") hosts = 1;
      if (c.operand == "distinct_property") racks = static_cast<std::uint32_t>(std::stoul(c.r_target));
    }
    count("host", node.id, hosts);
    count("rack", node.meta.at("rack"), racks);
  };
  for (std::uint32_t i : live_) {
    const AllocationState& a = state().allocations()[i];
    const TaskGroup& group = state().group_of(a);
    look(i, group.name, group.constraints);
    look(i, "", state().job(a.job).version(a.job_version)->job->constraints);
  }
  for (const auto& [where, s] : shared) {
    if (s.limit != 0 && s.count > s.limit) {
      broken("distinct_is_respected", state().jobs()[where.first].id + "." + where.second + " has " + number(s.count) +
                                          ", may have " + number(s.limit));
    }
  }
}

// Of the allocations that a deployment replaced, at most max_parallel are not healthy yet.
void Properties::parallel() {
  std::map<std::pair<std::uint32_t, std::string>, std::uint32_t> waiting;  // by deployment and group
  for (std::uint32_t i : live_) {
    const AllocationState& a = state().allocations()[i];
    if (!a.deployment || a.health == Health::healthy || !a.previous) continue;
    if (!is_active(state().deployment(a.deployment).status) || placed_for_[i] != a.deployment) continue;
    if (state().allocation(a.previous).desired == DesiredStatus::run ||
        state().allocation(a.previous).reason != StopReason::updated) {
      continue;
    }
    ++waiting[{a.deployment.value, state().group_of(a).name}];
  }
  for (const auto& [where, count] : waiting) {
    const DeploymentState& d = state().deployments()[where.first];
    const JobVersion* version = state().job(d.job).version(d.job_version);
    for (const TaskGroup& group : version->job->task_groups) {
      if (group.name != where.second || !group.update) continue;
      const auto at_most = static_cast<std::uint32_t>(group.update->max_parallel.value_or(0));
      if (count > at_most) {
        broken("at_most_max_parallel_are_replaced_at_a_time", "deployment " + number(where.first) + " group " +
                                                                  group.name + ": " + number(count) + " of " +
                                                                  number(at_most));
      }
    }
  }
}

}  // namespace orch::sim

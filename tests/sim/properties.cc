#include "tests/sim/properties.h"

#include <algorithm>
#include <set>

namespace orch::sim {
namespace {

std::string number(std::uint32_t n) { return std::to_string(n); }

std::string named(const State& state, std::uint32_t n) {
  const AllocationState& a = state.allocations()[n];
  return "allocation " + number(n) + " of " + state.job(a.job).id + " on node " + number(a.node.value);
}

}  // namespace

// A node never holds more than it has, a port has one owner, and what is counted as used is what is there.
void Properties::room(const State& state) {
  for (std::uint32_t n = 0; n < state.nodes().size(); ++n) {
    const NodeState& node = state.nodes()[n];
    std::int64_t cpu = 0, memory = 0, disk = 0, mbits = 0;
    std::vector<std::uint16_t> ports;
    for (std::uint32_t i = 0; i < state.allocations().size(); ++i) {
      const AllocationState& a = state.allocations()[i];
      if (a.node.value != n || !a.holds_room()) continue;
      const GroupShape& shape = state.shape_of(a);
      cpu += shape.cpu, memory += shape.memory_mb, disk += shape.disk_mb, mbits += shape.mbits;
      const auto mine = state.ports_of({i});
      ports.insert(ports.end(), mine.begin(), mine.end());
    }
    if (cpu > node.cpu || memory > node.memory_mb || disk > node.disk_mb || mbits > node.mbits) {
      broken("no_node_over_capacity", "node " + number(n) + " holds " + std::to_string(cpu) + " MHz of " + std::to_string(node.cpu) + ", " +
                                          std::to_string(memory) + " MiB of " + std::to_string(node.memory_mb));
    }
    if (cpu != node.cpu_used || memory != node.memory_used_mb || disk != node.disk_used_mb || mbits != node.mbits_used) {
      broken("used_is_what_is_there", "node " + number(n) + " counts " + std::to_string(node.cpu_used) + " MHz, its allocations " + std::to_string(cpu));
    }
    std::sort(ports.begin(), ports.end());
    if (std::adjacent_find(ports.begin(), ports.end()) != ports.end()) broken("a_port_has_one_owner", "node " + number(n));
    if (ports != node.ports) broken("ports_are_what_is_there", "node " + number(n));
  }
}

// At most `count` of a group want to run, under names of their own; nothing of a stopped job does.
void Properties::names(const State& state) {
  for (std::uint32_t j = 0; j < state.jobs().size(); ++j) {
    const JobState& job = state.jobs()[j];
    if (job.versions.empty()) continue;
    std::map<std::string, std::set<std::uint32_t>> names;
    std::uint32_t live = 0;
    for (std::uint32_t i = 0; i < state.allocations().size(); ++i) {
      const AllocationState& a = state.allocations()[i];
      if (a.job.value != j) continue;
      if (!a.holds_room()) continue;
      ++live;
      if (job.stopped || job.purged) {
        broken("nothing_of_a_stopped_job_runs", named(state, i));
        continue;
      }
      if (!names[state.group_of(a).name].insert(a.name).second) broken("a_name_is_taken_once", named(state, i) + ", name " + number(a.name));
    }
    if (live != job.live) broken("live_is_what_holds_room", job.id + " counts " + number(job.live) + ", there are " + number(live));
    if (job.stopped || job.purged) continue;
    for (const TaskGroup& group : job.job().task_groups) {
      if (names[group.name].size() > static_cast<std::size_t>(group.count)) {
        broken("never_more_than_count", job.id + "." + group.name + " has " + std::to_string(names[group.name].size()) + " of " + std::to_string(group.count));
      }
    }
  }
}

void Properties::links(const State& state) {
  for (std::uint32_t i = 0; i < state.allocations().size(); ++i) {
    const AllocationState& a = state.allocations()[i];
    if (a.job.value >= state.jobs().size() || a.node.value >= state.nodes().size() || a.evaluation.value >= state.evaluations().size()) {
      broken("links_lead_somewhere", "allocation " + number(i));
      continue;
    }
    if (state.evaluation(a.evaluation).job != a.job) broken("an_allocation_is_of_its_evaluations_job", named(state, i));
    if (a.next && state.allocation(a.next).previous.value != i) broken("replacements_know_each_other", named(state, i));
    if (a.deployment && state.deployment(a.deployment).job != a.job) broken("a_deployment_is_of_its_job", named(state, i));
  }
}

void Properties::terminal(const State& state) {
  for (std::uint32_t i = 0; i < state.allocations().size(); ++i) {
    const ClientStatus now = state.allocations()[i].client;
    const auto known = ended_.find(i);
    if (known != ended_.end() && !is_terminal(now)) broken("what_ended_stays_ended", named(state, i));
    if (is_terminal(now)) ended_[i] = now;
  }
}

void Properties::deployments(const State& state) {
  std::map<std::uint32_t, std::uint32_t> active;
  for (std::uint32_t i = 0; i < state.deployments().size(); ++i) {
    const DeploymentState& d = state.deployments()[i];
    if (is_active(d.status) && ++active[d.job.value] > 1) broken("one_deployment_of_a_job_at_a_time", "deployment " + number(i));
    const auto known = over_.find(i);
    if (known != over_.end() && known->second != d.status) broken("a_deployment_ends_once", "deployment " + number(i));
    if (!is_active(d.status)) over_[i] = d.status;
    for (const DeploymentGroup& g : d.groups) {
      if (d.status == DeploymentStatus::successful && g.healthy < g.desired) {
        broken("success_means_healthy", "deployment " + number(i) + " group " + g.name + " " + number(g.healthy) + " of " + number(g.desired));
      }
      if (g.healthy + g.unhealthy > g.placed) broken("health_is_of_what_was_placed", "deployment " + number(i) + " group " + g.name);
    }
  }
}

void Properties::evaluations(const State& state) {
  if (!state.pending().empty()) broken("nothing_waits_for_a_plan_after_a_turn", number(state.pending().begin()->evaluation.value));
  for (std::uint32_t j = 0; j < state.jobs().size(); ++j) {
    const JobState& job = state.jobs()[j];
    if (job.blocked && state.evaluation(job.blocked).status != EvaluationStatus::blocked) broken("blocked_is_blocked", job.id);
  }
  std::map<std::uint32_t, int> blocked;
  for (std::uint32_t i = 0; i < state.evaluations().size(); ++i) {
    const EvaluationState& e = state.evaluations()[i];
    if (e.status == EvaluationStatus::blocked && ++blocked[e.job.value] > 1) broken("one_blocked_evaluation_a_job", state.job(e.job).id);
  }
}

std::vector<Broken> Properties::after_step(const World& world) {
  found_.clear();
  const State& state = world.state();
  if (world.runs_away()) {
    broken("turns_come_to_an_end", "the last turns planned for " + (state.pending().empty() ? "nobody" : state.job(state.evaluation(state.pending().begin()->evaluation).job).id));
    return std::move(found_);
  }
  room(state);
  names(state);
  links(state);
  terminal(state);
  deployments(state);
  evaluations(state);
  return std::move(found_);
}

// What queries say beside what the state is.
void Properties::views(const World& world) {
  const State& state = world.state();
  const Queries queries = world.servers().queries();
  if (queries.applied() != state.index()) {
    return broken("views_are_at_the_states_index", std::to_string(queries.applied()) + " and " + std::to_string(state.index()));
  }
  auto text = [](const std::string& json, const std::string& name) {
    const std::size_t at = json.find("\"" + name + "\":\"");
    return at == std::string::npos ? std::string("(none)") : json.substr(at + name.size() + 4, json.find('"', at + name.size() + 4) - at - name.size() - 4);
  };
  for (std::uint32_t i = 0; i < state.allocations().size(); ++i) {
    const AllocationState& a = state.allocations()[i];
    const std::string json = queries.object(Queries::Context::allocations, i);
    if (text(json, "ClientStatus") != orch::text(a.client) || text(json, "DesiredStatus") != orch::text(a.desired)) {
      broken("views_say_what_the_state_is", named(state, i) + " is " + std::string(orch::text(a.client)) + ", the views say " + text(json, "ClientStatus"));
    }
  }
  for (std::uint32_t i = 0; i < state.evaluations().size(); ++i) {
    const std::string json = queries.object(Queries::Context::evaluations, i);
    const std::string status(orch::text(state.evaluations()[i].status));
    if (json.find("\"Status\":\"" + status + "\"") == std::string::npos) broken("views_say_what_the_state_is", "evaluation " + number(i) + " is " + status);
  }
  for (std::uint32_t i = 0; i < state.deployments().size(); ++i) {
    const std::string json = queries.object(Queries::Context::deployments, i);
    const std::string status(orch::text(state.deployments()[i].status));
    if (json.find("\"Status\":\"" + status + "\"") == std::string::npos) broken("views_say_what_the_state_is", "deployment " + number(i) + " is " + status);
  }
}

void Properties::replay(const World& world) {
  State again(world.state().cluster_id());
  MemoryTableStore store;
  Views rebuilt(store);
  Outcome outcome;
  (void)world.servers().log().read(1, [&](LogIndex index, Bytes bytes) {
    outcome.clear();
    orch::apply(again, index, group_in(bytes), outcome);
    rebuilt.fold(again, index, group_in(bytes), outcome);
    return true;
  });
  rebuilt.flush();
  if (again.hash() != world.state().hash()) broken("replay_gives_the_same_hash", "at index " + std::to_string(again.index()));
  const Queries kept = world.servers().queries();
  const Queries fresh(store, again.cluster_id());
  auto compare = [&](const char* what, const Answer& a, const Answer& b) {
    if (a.json != b.json || a.index != b.index) broken("rebuilt_views_answer_alike", what);
  };
  compare("jobs", kept.jobs(""), fresh.jobs(""));
  compare("allocations", kept.allocations(""), fresh.allocations(""));
  compare("evaluations", kept.evaluations(""), fresh.evaluations(""));
  compare("deployments", kept.deployments(""), fresh.deployments(""));
  compare("nodes", kept.nodes(""), fresh.nodes(""));
}

std::vector<Broken> Properties::now_and_then(const World& world) {
  found_.clear();
  views(world);
  replay(world);
  return std::move(found_);
}

void Properties::rest(const World& world) {
  const State& state = world.state();
  // What a node runs is what the servers want of it, and the other way round.
  for (const auto& node : world.nodes()) {
    const NodeNumber n = state.find_node(node->id());
    for (const auto& [allocation, tasks] : node->running()) {
      const AllocationState& a = state.allocations()[allocation];
      if (!a.holds_room()) broken("nothing_runs_that_nobody_wants", named(state, allocation));
      if (a.client != ClientStatus::running && a.client != ClientStatus::pending) broken("what_runs_is_told", named(state, allocation));
    }
    const auto running = node->running();
    for (AllocationNumber a : state.node(n).allocations) {
      if (state.allocation(a).client == ClientStatus::running && !running.contains(a.value)) {
        // Between two attempts of its restart policy an allocation runs no task; it must not stay so.
        broken("what_is_told_to_run_runs", named(state, a.value));
      }
    }
  }
  // What is missing has a reason: an evaluation waits for room, a failure waits for its time or for nobody.
  for (std::uint32_t j = 0; j < state.jobs().size(); ++j) {
    const JobState& job = state.jobs()[j];
    if (job.versions.empty() || job.stopped || job.purged || job.blocked || job.job().type == "batch") continue;
    if (job.deployment && is_active(state.deployment(job.deployment).status)) continue;
    for (std::size_t g = 0; g < job.job().task_groups.size(); ++g) {
      std::int32_t there = 0;
      for (AllocationNumber a : job.current) {
          if (state.group_of(state.allocation(a)).name == job.job().task_groups[g].name) ++there;
      }
      const bool failed = job.deployment && state.deployment(job.deployment).status == DeploymentStatus::failed;
      if (there < job.job().task_groups[g].count && !failed) {
        broken("a_job_gets_what_it_asks_for", job.id + "." + job.job().task_groups[g].name + " has " + std::to_string(there) + " of " + std::to_string(job.job().task_groups[g].count));
      }
    }
  }
}

std::vector<Broken> Properties::at_rest(const World& world) {
  std::vector<Broken> all = now_and_then(world);
  found_.clear();
  rest(world);
  all.insert(all.end(), found_.begin(), found_.end());
  return all;
}

}  // namespace orch::sim

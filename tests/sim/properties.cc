#include "tests/sim/properties.h"

#include <algorithm>

namespace orch::sim {
namespace {

std::string number(std::uint32_t n) { return std::to_string(n); }

// Steps between looks at the views: they are the dear part.
constexpr std::uint64_t views_every = 32;

}  // namespace

std::string named(const State& state, std::uint32_t n) {
  const AllocationState& a = state.allocations()[n];
  return "allocation " + number(n) + " of " + state.job(a.job).id + " on node " + number(a.node.value);
}

std::vector<Broken> Properties::found() {
  std::vector<Broken> all;
  all.swap(found_);
  return all;
}

std::vector<Broken> Properties::after_step() {
  if (world_.runs_away()) {
    const auto& pending = state().pending();
    const bool somebody = !pending.empty();
    broken("turns_come_to_an_end",
           "the last turns planned for " +
               (somebody ? state().job(state().evaluation(pending.begin()->evaluation).job).id : "nobody"));
    return found();
  }
  follower_.follow(world_.servers().log(), [&](LogIndex index, const wire::Group& group, const Outcome& outcome) {
    record(index, group, outcome);
    touched_.note(outcome);
  });
  if (follower_.state().hash() != state().hash()) {
    broken("replay_gives_the_same_hash", "at index " + std::to_string(state().index()));
  }
  live_.clear();
  for (std::uint32_t i = 0; i < state().allocations().size(); ++i) {
    if (state().allocations()[i].holds_room()) live_.push_back(i);
  }
  room();
  if (!world_.has_nonsense()) {
    names();
    distinct();
    parallel();
  }
  links();
  terminal();
  deployments();
  evaluations();
  if (++steps_ % views_every == 0) {
    views(touched_);
    touched_ = {};
  }
  return found();
}

std::vector<Broken> Properties::now_and_then() {
  Touched all;
  auto fill = [](std::set<std::uint32_t>& set, std::size_t count) {
    for (std::uint32_t i = 0; i < count; ++i) set.insert(set.end(), i);
  };
  fill(all.jobs, state().jobs().size());
  fill(all.nodes, state().nodes().size());
  fill(all.allocations, state().allocations().size());
  fill(all.evaluations, state().evaluations().size());
  fill(all.deployments, state().deployments().size());
  views(all);
  lists();
  return found();
}

std::vector<Broken> Properties::at_rest() {
  found_ = now_and_then();
  history();
  replay();
  if (!world_.has_nonsense()) rest();
  return found();
}

void Properties::links() {
  for (std::uint32_t i : live_) {
    const AllocationState& a = state().allocations()[i];
    if (a.job.value >= state().jobs().size() || a.node.value >= state().nodes().size() ||
        a.evaluation.value >= state().evaluations().size()) {
      broken("links_lead_somewhere", "allocation " + number(i));
      continue;
    }
    if (state().evaluation(a.evaluation).job != a.job)
      broken("an_allocation_is_of_its_evaluations_job", named(state(), i));
    if (a.previous && state().allocation(a.previous).next.value != i) {
      broken("replacements_know_each_other", named(state(), i));
    }
    if (a.deployment && state().deployment(a.deployment).job != a.job) {
      broken("a_deployment_is_of_its_job", named(state(), i));
    }
  }
}

void Properties::terminal() {
  ended_.resize(state().allocations().size());
  for (std::uint32_t i = 0; i < state().allocations().size(); ++i) {
    const bool over = is_terminal(state().allocations()[i].client);
    if (ended_[i] && !over) broken("what_ended_stays_ended", named(state(), i));
    ended_[i] = over;
  }
}

void Properties::deployments() {
  std::map<std::uint32_t, std::uint32_t> active;
  for (std::uint32_t i = 0; i < state().deployments().size(); ++i) {
    const DeploymentState& d = state().deployments()[i];
    if (is_active(d.status) && ++active[d.job.value] > 1) {
      broken("one_deployment_of_a_job_at_a_time", "deployment " + number(i));
    }
    const auto known = over_.find(i);
    if (known != over_.end()) {
      if (known->second != d.status) broken("a_deployment_ends_once", "deployment " + number(i));
      continue;
    }
    if (!is_active(d.status)) over_[i] = d.status;
    for (const DeploymentGroup& g : d.groups) {
      const std::string which = "deployment " + number(i) + " group " + g.name + ": ";
      if (d.status == DeploymentStatus::successful && g.healthy < g.desired) {
        broken("success_means_healthy", which + number(g.healthy) + " of " + number(g.desired));
      }
      if (g.healthy + g.unhealthy > g.placed)
        broken("health_is_of_what_was_placed", which + number(g.placed) + " placed");
    }
  }
}

void Properties::evaluations() {
  if (!state().pending().empty()) {
    broken("nothing_waits_for_a_plan_after_a_turn", number(state().pending().begin()->evaluation.value));
  }
  std::map<std::uint32_t, int> blocked;
  for (std::uint32_t i = 0; i < state().evaluations().size(); ++i) {
    const EvaluationState& e = state().evaluations()[i];
    if (e.status != EvaluationStatus::blocked) continue;
    if (++blocked[e.job.value] > 1) broken("one_blocked_evaluation_a_job", state().job(e.job).id);
    if (state().job(e.job).blocked.value != i) broken("blocked_is_blocked", state().job(e.job).id);
  }
  for (const JobState& job : state().jobs()) {
    if (job.blocked && state().evaluation(job.blocked).status != EvaluationStatus::blocked) {
      broken("blocked_is_blocked", job.id);
    }
  }
}

void Properties::rest() {
  // What a node runs is what the servers want of it, and the other way round.
  for (const auto& node : world_.nodes()) {
    const NodeNumber n = state().find_node(node->id());
    const auto running = node->running();
    for (const auto& [allocation, tasks] : running) {
      const AllocationState& a = state().allocations()[allocation];
      if (!a.holds_room()) broken("nothing_runs_that_nobody_wants", named(state(), allocation));
      if (a.client != ClientStatus::running && a.client != ClientStatus::pending) {
        broken("what_runs_is_told", named(state(), allocation));
      }
    }
    for (AllocationNumber a : state().node(n).allocations) {
      if (state().allocation(a).client == ClientStatus::running && !running.contains(a.value) &&
          !node->has_news(a.value)) {
        // Between two attempts of its restart policy an allocation runs no task; it must not stay so.
        broken("what_is_told_to_run_runs", named(state(), a.value));
      }
    }
  }
  // What is missing has a reason: an evaluation waits for room, a failure waits for its time or for nobody.
  for (const JobState& job : state().jobs()) {
    if (job.versions.empty() || job.stopped || job.purged || job.blocked || job.job().type == "batch") continue;
    if (job.deployment && is_active(state().deployment(job.deployment).status)) continue;
    const bool failed = job.deployment && state().deployment(job.deployment).status == DeploymentStatus::failed;
    for (const TaskGroup& group : job.job().task_groups) {
      const auto there = std::count_if(job.current.begin(), job.current.end(), [&](AllocationNumber a) {
        return state().group_of(state().allocation(a)).name == group.name;
      });
      if (there < group.count && !failed) {
        broken("a_job_gets_what_it_asks_for",
               job.id + "." + group.name + " has " + std::to_string(there) + " of " + std::to_string(group.count));
      }
    }
  }
}

}  // namespace orch::sim

#include "tests/scenario/narrator.h"

#include <algorithm>

namespace orch::scenario {
namespace {

std::string allocation(const State& state, std::uint32_t n) {
  const AllocationState& a = state.allocations()[n];
  const JobState& job = state.job(a.job);
  return "a" + std::to_string(n) + " " + job.id + "." + job.summary[a.summary].name + "[" + std::to_string(a.name) +
         "]";
}

void allocation_placed(std::vector<std::string>& told, const State& state, std::uint32_t n) {
  const AllocationState& a = state.allocations()[n];
  std::string line = allocation(state, n) + " placed on " + state.node(a.node).node->name;
  for (std::uint16_t port : state.ports_of({n}))
    line += port < 20000 ? ", port " + std::to_string(port) : ", a dynamic port";
  if (a.previous) line += ", replaces a" + std::to_string(a.previous.value);
  if (a.deployment) line += ", for d" + std::to_string(a.deployment.value);
  told.push_back(std::move(line));
}

std::string allocation_desired(const State& state, std::uint32_t n) {
  const AllocationState& a = state.allocations()[n];
  std::string line = allocation(state, n);
  if (a.desired != DesiredStatus::run) {
    line += " stops: " + std::string(text(a.reason));
    if (a.client == ClientStatus::lost) line += "; lost";
  } else if (!a.next) {
    line += " goes on under version " + std::to_string(a.job_version);
  }
  if (a.next) line += ", replaced by a" + std::to_string(a.next.value);
  return line;
}

std::string allocation_client(const State& state, std::uint32_t n) {
  const AllocationState& a = state.allocations()[n];
  std::string line = allocation(state, n) + " is " + std::string(text(a.client));
  if (a.health == Health::healthy) line += ", healthy";
  if (a.health == Health::unhealthy) line += ", unhealthy";
  return line;
}

std::string evaluation(const State& state, std::uint32_t n) {
  const EvaluationState& e = state.evaluations()[n];
  std::string line = "e" + std::to_string(n) + " of " + state.job(e.job).id + " is " + std::string(text(e.status)) +
                     " (" + std::string(text(e.trigger)) + ")";
  if (!e.description.empty()) line += ": " + e.description;
  return line;
}

std::string deployment(const State& state, std::uint32_t n) {
  const DeploymentState& d = state.deployments()[n];
  std::string line = "d" + std::to_string(n) + " of " + state.job(d.job).id + " is " + std::string(text(d.status)) +
                     ": " + d.description;
  for (const DeploymentGroup& g : d.groups) {
    line += "; " + g.name + " " + std::to_string(g.placed) + " placed, " + std::to_string(g.healthy) + " healthy";
    if (g.unhealthy != 0) line += ", " + std::to_string(g.unhealthy) + " unhealthy";
    line += " of " + std::to_string(g.desired);
  }
  return line;
}

std::string job(const State& state, std::uint32_t n) {
  const JobState& j = state.jobs()[n];
  std::string line = j.id + " is " + std::string(text(j.status)) + ", version " + std::to_string(j.newest().version);
  if (j.newest().stable) line += ", stable";
  if (j.stopped) line += ", stopped";
  if (j.purged) line += ", purged";
  return line;
}

std::string node(const State& state, std::uint32_t n) {
  const NodeState& s = state.nodes()[n];
  return "node " + s.node->name + " is " + std::string(text(s.status)) + (s.eligible ? "" : ", not eligible");
}

}  // namespace

// An object that changed several times within a record is told once, as it is after it.
void Narrator::fold(const State& state, LogIndex index, const wire::Group& group, const Outcome& outcome) {
  views_.fold(state, index, group, outcome);
  std::vector<std::string> told;
  for (const Event& e : outcome.events) {
    switch (e.kind) {
      case EventKind::job_registered:
      case EventKind::job_deregistered:
      case EventKind::job_changed:
        told.push_back(job(state, e.number));
        break;
      case EventKind::node_registered:
      case EventKind::node_changed:
        told.push_back(node(state, e.number));
        break;
      case EventKind::evaluation_changed:
        told.push_back(evaluation(state, e.number));
        break;
      case EventKind::deployment_changed:
        told.push_back(deployment(state, e.number));
        break;
      case EventKind::allocations_placed:
        for (std::uint32_t i = 0; i < e.count; ++i) allocation_placed(told, state, e.number + i);
        break;
      case EventKind::allocation_desired:
        told.push_back(allocation_desired(state, e.number));
        break;
      case EventKind::allocation_client:
        told.push_back(allocation_client(state, e.number));
        break;
      case EventKind::services_changed:
        break;
    }
  }
  for (std::size_t i = 0; i < told.size(); ++i) {
    const bool again = std::find(told.begin(), told.begin() + static_cast<std::ptrdiff_t>(i), told[i]) !=
                       told.begin() + static_cast<std::ptrdiff_t>(i);
    if (!again) lines_.push_back("  " + std::to_string(index) + "  " + told[i]);
  }
  for (const CommandOutcome& c : outcome.commands) {
    if (c.repeated) lines_.push_back("  " + std::to_string(index) + "  repeated: nothing is done again");
    if (!c.refusal.empty()) lines_.push_back("  " + std::to_string(index) + "  refused: " + c.refusal);
    if (c.refused_placements != 0) {
      lines_.push_back("  " + std::to_string(index) + "  " + std::to_string(c.refused_placements) + " rows refused");
    }
  }
}

}  // namespace orch::scenario

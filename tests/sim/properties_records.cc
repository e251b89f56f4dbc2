// What a single record may come to, looked at as the follower folds it.
#include "core/reducer/plan_conclusion.h"
#include "core/scheduler/feasible.h"
#include "tests/sim/properties.h"

namespace orch::sim {
namespace {

std::uint32_t sum(const std::vector<NamedCount>& counts) {
  std::uint32_t all = 0;
  for (const NamedCount& c : counts) all += c.name.empty() ? 0 : c.count;
  return all;
}

}  // namespace

void Properties::record(LogIndex, const wire::Group& group, const Outcome& outcome) {
  const std::string key = group.idempotency_key() != nullptr ? group.idempotency_key()->str() : std::string();
  if (!key.empty()) receipt(key, outcome);
  const bool sensible = group.actor()->string_view() != "nonsense";
  for (std::size_t i = 0; sensible && i < outcome.commands.size(); ++i) {
    const CommandIn command = command_in(group, static_cast<std::uint32_t>(i));
    if (command.type == wire::Command::SubmitPlan) {
      plan(*static_cast<const wire::SubmitPlan*>(command.table), outcome.commands[i]);
    }
  }
  for (const Event& e : outcome.events) {
    if (e.kind == EventKind::evaluation_changed &&
        follower_.state().evaluations()[e.number].status != EvaluationStatus::pending) {
      planned_.erase(e.number);
    }
    if (sensible && e.kind == EventKind::evaluation_changed) failed_placements(e.number);
    if (!sensible || e.kind != EventKind::allocations_placed) continue;
    for (std::uint32_t i = 0; i < e.count; ++i) placed(e.number + i);
  }
}

// One server decides on the state that it then changes: nothing can have come between.
void Properties::plan(const wire::SubmitPlan& plan, const CommandOutcome& outcome) {
  if (plan.last_chunk() && plan.evaluation() < follower_.state().evaluations().size()) {
    const JobNumber job = follower_.state().evaluations()[plan.evaluation()].job;
    if (++planned_[plan.evaluation()] > max_plan_attempts(follower_.state().job(job).job().type)) {
      broken("an_evaluation_is_planned_a_bounded_number_of_times",
             "evaluation " + std::to_string(plan.evaluation()) + ": " + std::to_string(planned_[plan.evaluation()]));
    }
  }
  if (!outcome.refusal.empty()) broken("a_plan_fits_the_state_it_was_made_for", outcome.refusal);
  if (outcome.refused_placements != 0) {
    broken("a_plan_fits_the_state_it_was_made_for", std::to_string(outcome.refused_placements) + " placements refused");
  }
}

void Properties::placed(std::uint32_t n) {
  const State& after = follower_.state();
  const AllocationState& a = after.allocations()[n];
  const NodeState& node = after.node(a.node);
  placed_for_.resize(n + 1);
  placed_for_[n] = a.deployment;
  if (!node.ready()) broken("only_ready_nodes_are_given_work", named(after, n));
  std::string reason;
  if (!is_feasible(*node.node, after.job(a.job).job(), after.group_of(a), reason)) {
    broken("constraints_are_met", named(after, n) + ": " + reason);
  }
}

// Every node that was looked at is accounted for, by a text.
void Properties::failed_placements(std::uint32_t n) {
  for (const GroupMetrics& m : follower_.state().evaluations()[n].failed) {
    const std::string which =
        "evaluation " + std::to_string(n) + ": " + std::to_string(m.nodes_evaluated) + " evaluated, ";
    if (m.nodes_filtered + m.nodes_exhausted != m.nodes_evaluated) {
      broken("a_failed_placement_names_its_reason", which + std::to_string(m.nodes_filtered) + " filtered, " +
                                                        std::to_string(m.nodes_exhausted) + " exhausted");
    }
    if (sum(m.constraint_filtered) != m.nodes_filtered || sum(m.dimension_exhausted) != m.nodes_exhausted) {
      broken("a_failed_placement_names_its_reason", which + "not all with a reason");
    }
    if (sum(m.nodes_available) != m.nodes_evaluated)
      broken("a_failed_placement_names_its_reason", which + "others available");
  }
}

// A repeat under a key gets the first answer and changes nothing of its own.
void Properties::receipt(const std::string& key, const Outcome& outcome) {
  if (outcome.commands.empty()) return;
  const CommandOutcome& now = outcome.commands.front();
  const auto [first, is_first] = answers_.emplace(key, now);
  const CommandOutcome& then = first->second;
  if (now.repeated == is_first) broken("a_repeat_is_known", key);
  if (now.refusal != then.refusal || now.evaluation != then.evaluation ||
      now.job_modify_index != then.job_modify_index) {
    broken("a_repeat_gets_the_first_answer", key);
  }
}

}  // namespace orch::sim

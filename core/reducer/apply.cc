#include "core/reducer/apply.h"

#include "core/log/record.h"
#include "core/reducer/commands.h"
#include "core/reducer/evaluation.h"
#include "core/reducer/state_edit.h"

namespace orch {
namespace {

template <class Table>
const Table& as(const void* command) { return *static_cast<const Table*>(command); }

CommandOutcome carry_out(StateEdit& edit, wire::Command type, const void* command) {
  switch (type) {
    case wire::Command::RegisterJob: return register_job(edit, as<wire::RegisterJob>(command));
    case wire::Command::DeregisterJob: return deregister_job(edit, as<wire::DeregisterJob>(command));
    case wire::Command::EvaluateJob: return evaluate_job(edit, as<wire::EvaluateJob>(command));
    case wire::Command::SetAllocationHealth: return set_allocation_health(edit, as<wire::SetAllocationHealth>(command));
    case wire::Command::SetDeploymentStatus: return set_deployment_status(edit, as<wire::SetDeploymentStatus>(command));
    case wire::Command::RegisterNode: return register_node(edit, as<wire::RegisterNode>(command));
    case wire::Command::SetNodeStatus: return set_node_status(edit, as<wire::SetNodeStatus>(command));
    case wire::Command::SetNodeEligibility: return set_node_eligibility(edit, as<wire::SetNodeEligibility>(command));
    case wire::Command::UpdateAllocations: return update_allocations(edit, as<wire::UpdateAllocations>(command));
    case wire::Command::UpdateServices: return update_services(edit, as<wire::UpdateServices>(command));
    case wire::Command::SubmitPlan: return submit_plan(edit, as<wire::SubmitPlan>(command));
    case wire::Command::Tick: return {};  // elapsed time is the group's; deadlines are looked at for every group
    case wire::Command::RaiseRules: return raise_rules(edit, as<wire::RaiseRules>(command));
    case wire::Command::NONE: break;
  }
  return {.refusal = "unknown command"};
}

}  // namespace

void apply(State& state, LogIndex index, const wire::Group& group, Outcome& outcome) {
  outcome.clear();
  StateEdit edit(state, index, Elapsed{group.stamp()->elapsed_ns()}, WallTime{group.stamp()->wall_ns()}, outcome);
  // Who appends knows which rules all that read the log know; they are in force from the first group that says so.
  if (group.stamp()->rules() > state.rules()) edit.raise_rules(static_cast<std::uint16_t>(group.stamp()->rules()));
  edit.forget_old_receipts();
  expire(edit);

  const std::string key = group.idempotency_key() != nullptr ? group.idempotency_key()->str() : std::string();
  const std::uint64_t digest = group.request_digest();
  if (const Receipt* receipt = key.empty() ? nullptr : state.find_receipt(key)) {
    if (digest != 0 && receipt->request_digest != 0 && digest != receipt->request_digest) {
      outcome.commands.push_back({.refusal = "Idempotency-Key: this key stands for another request, at index " +
                                             std::to_string(receipt->index),
                                  .key_taken = true});
      wake_blocked(edit);
      return;
    }
    outcome.commands.push_back({.refusal = receipt->refusal,
                                .repeated = true,
                                .first_index = receipt->index,
                                .evaluation = receipt->evaluation,
                                .job_modify_index = receipt->job_modify_index});
    wake_blocked(edit);
    return;
  }

  const std::uint32_t count = command_count(group);
  for (std::uint32_t i = 0; i < count; ++i) {
    edit.begin_command(i);
    const CommandIn command = command_in(group, i);
    outcome.commands.push_back(carry_out(edit, command.type, command.table));
  }
  ORCH_ASSERT(outcome.commands.size() == count, "each command has an outcome, also one that is refused");
  wake_blocked(edit);
  if (!key.empty() && !outcome.commands.empty()) {
    const CommandOutcome& first = outcome.commands.front();
    edit.remember(key, {.index = index,
                        .refusal = first.refusal,
                        .evaluation = first.evaluation,
                        .job_modify_index = first.job_modify_index,
                        .request_digest = digest});
  }
}

}  // namespace orch

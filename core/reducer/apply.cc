#include "core/reducer/apply.h"

#include "core/base/assert.h"
#include "core/reducer/commands.h"
#include "core/reducer/state_edit.h"

namespace orch {
namespace {

CommandOutcome apply_command(StateEdit& edit, wire::Command type, const void* command) {
  switch (type) {
    case wire::Command::RegisterJob: return apply(edit, *static_cast<const wire::RegisterJob*>(command));
    case wire::Command::DeregisterJob: return apply(edit, *static_cast<const wire::DeregisterJob*>(command));
    case wire::Command::EvaluateJob: return apply(edit, *static_cast<const wire::EvaluateJob*>(command));
    case wire::Command::SetAllocationHealth:
      return apply(edit, *static_cast<const wire::SetAllocationHealth*>(command));
    case wire::Command::SetDeploymentStatus:
      return apply(edit, *static_cast<const wire::SetDeploymentStatus*>(command));
    case wire::Command::RegisterNode: return apply(edit, *static_cast<const wire::RegisterNode*>(command));
    case wire::Command::SetNodeStatus: return apply(edit, *static_cast<const wire::SetNodeStatus*>(command));
    case wire::Command::SetNodeEligibility:
      return apply(edit, *static_cast<const wire::SetNodeEligibility*>(command));
    case wire::Command::UpdateAllocations: return apply(edit, *static_cast<const wire::UpdateAllocations*>(command));
    case wire::Command::UpdateServices: return apply(edit, *static_cast<const wire::UpdateServices*>(command));
    case wire::Command::SubmitPlan: return apply(edit, *static_cast<const wire::SubmitPlan*>(command));
    case wire::Command::Tick: return {};  // elapsed time is the group's; deadlines are looked at for every group
    case wire::Command::RaiseRules: return apply(edit, *static_cast<const wire::RaiseRules*>(command));
    case wire::Command::NONE: break;
  }
  return {.refusal = "unknown command"};
}

}  // namespace

void apply(State& state, LogIndex index, const wire::Group& group, Outcome& outcome) {
  ORCH_ASSERT(index == state.index() + 1, "groups are applied in order, each once");
  outcome.clear();
  const WallTime wall{group.stamp()->wall_ns()};
  StateEdit edit(state, index, wall, outcome);
  edit.set_time(Elapsed{group.stamp()->elapsed_ns()}, wall);
  edit.set_index();
  edit.forget_old_receipts();
  expire(edit);

  const std::string key = group.idempotency_key() != nullptr ? group.idempotency_key()->str() : std::string();
  const std::uint64_t digest = group.request_digest();
  if (const Receipt* receipt = key.empty() ? nullptr : state.find_receipt(key)) {
    if (digest != 0 && receipt->request_digest != 0 && digest != receipt->request_digest) {
      outcome.commands.push_back({.refusal = "Idempotency-Key: this key stands for another request, at index " +
                                             std::to_string(receipt->index),
                                  .key_taken = true});
      return edit.wake_blocked();
    }
    outcome.commands.push_back({.refusal = receipt->refusal,
                                .repeated = true,
                                .first_index = receipt->index,
                                .evaluation = receipt->evaluation,
                                .job_modify_index = receipt->job_modify_index});
    edit.wake_blocked();
    return;
  }

  const auto* types = group.commands_type();
  const auto* commands = group.commands();
  const std::uint32_t count = commands != nullptr ? commands->size() : 0;
  for (std::uint32_t i = 0; i < count; ++i) {
    edit.begin_command(i);
    outcome.commands.push_back(apply_command(edit, static_cast<wire::Command>(types->Get(i)), commands->Get(i)));
  }
  edit.wake_blocked();
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

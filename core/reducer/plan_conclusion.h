// The last chunk of a plan ends its evaluation: complete, or blocked until there is room for the rest; or, when plans
// for it were refused too often, failed.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/reducer/state_edit.h"
#include "record_generated.h"

namespace orch {

/// For a plan whose parts all happened. Its evaluation is pending, and is not after this.
void conclude_evaluation(StateEdit& edit, const wire::SubmitPlan& plan);

/// How many plans an evaluation gets before one is carried out, as in Nomad.
constexpr std::uint32_t max_plan_attempts(std::string_view job_type) { return job_type == "batch" ? 2 : 5; }

/// Counts a decision of which something was refused; its chunks count once.
void note_refused_plan(StateEdit& edit, const wire::SubmitPlan& plan);
/// Whether the decision of which this plan is a chunk was counted.
bool was_refused(const State& state, const wire::SubmitPlan& plan);

/// Whether what the plan tells of its search is worth anything.
enum class Findings : std::uint8_t { of_plan, none };

/// Ends the evaluation as failed, or lets it wait for room again if it did so before, when it has had all its attempts;
/// else it goes on pending. `why`: what was refused first. `unplaced`: placements refused, by group.
void give_up_if_spent(StateEdit& edit, const wire::SubmitPlan& plan, Findings findings, std::string_view why,
                      const std::vector<std::uint32_t>& unplaced);

}  // namespace orch

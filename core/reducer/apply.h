// The reducer: state × record group → outcome. Total, pure, deterministic (design, decision 3).
//
// A well-formed command that can't be carried out is refused with a reason, and the refusal is part of the outcome;
// bytes that are no group are the caller's business (core/log/record.h verifies them before this is called).
#pragma once

#include "core/reducer/event.h"
#include "core/reducer/state.h"
#include "record_generated.h"

namespace orch {

/// Applies the group at `index`, which must be `state.index() + 1`. `outcome` is cleared first.
void apply(State& state, LogIndex index, const wire::Group& group, Outcome& outcome);

}  // namespace orch

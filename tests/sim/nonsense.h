// Well-formed groups that make no sense: what a buggy or hostile program could append. The reducer must refuse or
// ignore what can't be carried out, and keep its state whole (design, decision 3).
#pragma once

#include <string>

#include "core/reducer/state.h"
#include "tests/sim/dice.h"

namespace orch::sim {

std::string nonsense(Dice& dice, const State& state);

}  // namespace orch::sim

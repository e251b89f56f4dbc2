// Folding a log into a state: what a restart, a replay and the snapshot writer have in common.
//
// The fold stops at rules that this build does not know (design, decision 14): the state then stands at the group
// before, is right, and goes on answering; a newer build goes on from there.
#pragma once

#include <expected>
#include <functional>

#include "core/reducer/event.h"
#include "core/reducer/state.h"
#include "record_generated.h"

namespace orch {

/// The newest version of the reducer's rules that this build has the branches for. A change of `apply` that gives an
/// old record another outcome needs a new version, a branch, and a golden log (tests/golden/records).
/// 1: as in the first release.
/// 2: what is updated in place keeps its ports by label, and plans that are refused are counted (plan.cc).
inline constexpr std::uint16_t newest_rules = 2;

/// The rules that a reader must know to apply this group.
std::uint16_t rules_needed(const wire::Group& group);

/// Sees each group right after it was applied; false ends the fold.
using FoldVisitor = std::function<bool(LogIndex, const wire::Group&, const Outcome&)>;

/// Applies the log's groups after `state.index()` up to `until` (0: the log's head at the moment), in order.
std::expected<void, LogError> fold(const Log& log, State& state, LogIndex until, const FoldVisitor& visit = {});

}  // namespace orch

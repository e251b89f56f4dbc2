#include "core/reducer/fold.h"

#include <algorithm>

#include "core/base/assert.h"
#include "core/log/record.h"
#include "core/reducer/apply.h"

namespace orch {

std::uint16_t rules_needed(const wire::Group& group) {
  std::uint32_t needed = group.stamp()->rules();
  for (std::uint32_t i = 0; i < command_count(group); ++i) {
    const CommandIn command = command_in(group, i);
    if (command.type != wire::Command::RaiseRules) continue;
    needed = std::max<std::uint32_t>(needed, static_cast<const wire::RaiseRules*>(command.table)->version());
  }
  return static_cast<std::uint16_t>(std::min<std::uint32_t>(needed, 0xffff));
}

std::expected<void, LogError> fold(const Log& log, State& state, LogIndex until, const FoldVisitor& visit) {
  Outcome outcome;
  std::uint16_t unknown = 0;
  auto read = log.read(state.index() + 1, [&](LogIndex index, Bytes bytes) {
    if (until != 0 && index > until) return false;
    const wire::Group& group = group_in(bytes);
    if (rules_needed(group) > newest_rules) {
      unknown = rules_needed(group);
      return false;
    }
    apply(state, index, group, outcome);
    ORCH_ASSERT(state.rules() <= newest_rules, "a state is never ahead of the rules that this build knows");
    return !visit || visit(index, group, outcome);
  });
  if (read && unknown != 0) {
    return std::unexpected(
        LogError{LogError::Kind::unavailable, "the record at index " + std::to_string(state.index() + 1) +
                                                  " was made under rules " + std::to_string(unknown) +
                                                  ", and this build knows rules up to " + std::to_string(newest_rules) +
                                                  ": run a newer orch on this data"});
  }
  return read;
}

}  // namespace orch

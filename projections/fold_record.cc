// Rows of the record itself, for the history and the event stream: what it did, and what it did not do.
#include "projections/folds.h"
#include "projections/rows.h"

namespace orch {

void fold_record(const FoldedGroup& group, const Outcome& outcome, Changes& out) {
  if (!outcome.events.empty()) {
    out.row.fresh();
    for (const Event& event : outcome.events) {
      out.row.number(event.kind).number(group.type_of(event)).number(event.number).number(event.count);
    }
    out.put(Table::events, index_key(group.index), out.row.view());
  }
  for (std::uint32_t i = 0; i < outcome.commands.size(); ++i) {
    const CommandOutcome& command = outcome.commands[i];
    if (command.refusal.empty() && !command.repeated && command.refused_placements == 0) continue;
    RefusalRow::encode(out.row.fresh(), command);
    out.put(Table::refusals, index_key(group.index) + key_of(i), out.row.view());
  }
}

}  // namespace orch

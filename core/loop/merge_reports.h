// Several nodes' reports as one record group: one index, one row of each job's summary, whoever has told of it.
//
// A busy cluster reports faster than a turn goes round, and what it says of one job comes from many nodes. A report is
// harmless to repeat, so it carries no idempotency key and needs no group of its own.
#pragma once

#include <span>
#include <string>

#include "core/log/record.h"

namespace orch {

/// The one command of a report's group.
const wire::UpdateAllocations& report_in(const wire::Group& group);

/// `reports` are unstamped groups of one UpdateAllocations command each, of different nodes; the commands come in
/// order, the actor is "nodes".
std::string merge_reports(std::span<const std::string* const> reports);

}  // namespace orch

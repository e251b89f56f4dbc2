// Several nodes' reports as one record group: one index, one row of each job's summary, whoever has told of it.
//
// A busy cluster reports faster than a turn goes round, and what it says of one job comes from many nodes. A report is
// harmless to repeat, so it carries no idempotency key and needs no group of its own.
#pragma once

#include <span>
#include <string>

#include "core/log/record.h"

namespace orch {

/// `reports` are unstamped groups of UpdateAllocations commands only; their commands come in order, actor "nodes".
std::string merge_reports(std::span<const std::string* const> reports);

/// How many allocations a group of UpdateAllocations commands tells of.
std::size_t reported_allocations(const wire::Group& group);

}  // namespace orch

// The history: who did what, when and why, a line of JSON per command of the log.
//
// The words come from the log's records (history_words.h), what came of them from the views' rows of events and
// refusals. Only records that the views hold are told, so a line never speaks of an object that cannot be shown.
#pragma once

#include <expected>
#include <optional>
#include <string>

#include "core/log/log.h"
#include "projections/queries.h"

namespace orch {

/// Lines of the records from `from` on (at most some 64 MiB of them). With an id only those that touched the object, or
/// for a job also its evaluations, deployments and allocations, and those that name it in vain. Empty optional: nothing
/// in the log up to there touches the id. Reads the log, and the views' rows of all events: seconds for millions.
std::expected<std::optional<std::string>, LogError> history_lines(const Queries& queries, const Log& log,
                                                                  const std::string& id, LogIndex from);

}  // namespace orch

// The tasks of an allocation: the lower half of `alloc status`.
#pragma once

#include <boost/json/value.hpp>

namespace orch::cli {

/// State, resources with addresses, times and events of each task, by name. `stats` is the answer of the node's agent
/// or null; `details` adds every figure of it.
void print_tasks(const boost::json::value& alloc, const boost::json::value& stats, bool details);

/// One line a task: name, state, last event and its time.
void print_task_summary(const boost::json::value& alloc);

}  // namespace orch::cli

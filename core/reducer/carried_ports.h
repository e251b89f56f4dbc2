// Which port is which, when an allocation goes on under another version of its group: a port belongs to its label in
// its task, wherever the file now has it.
//
// Asked by the scheduler, which decides what may stay in place, and by the reducer, which carries it out: so the two
// agree.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/model/job.h"

namespace orch {

/// For each port of `now`, in the order of its shape, the position of the same port in the order of `before`'s shape;
/// empty when all stand where they stood. Nothing when they are not the same ports: one more or less, another label or
/// static value, static instead of dynamic, in another of the task's networks.
std::optional<std::vector<std::uint32_t>> carried_ports(const TaskGroup& before, const TaskGroup& now);

}  // namespace orch

// Which services stand on which task of a group: the task's own, and those of the group.
#pragma once

#include <vector>

#include "core/model/job.h"

namespace orch {

/// In the job's order, the task's own first. A group's service stands on the task that it names, else on the leader,
/// else on the group's first task: the catalogue and the checks follow that task's life.
std::vector<const Service*> services_of(const TaskGroup& group, const Task& task);

}  // namespace orch

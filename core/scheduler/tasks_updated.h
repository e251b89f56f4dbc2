// In place or destructive: whether a running allocation can take over a newer version of its group without a restart.
#pragma once

#include "core/model/job.h"

namespace orch {

/// True when something changed that only a new allocation can carry out: the set of tasks, disk, driver, user, config,
/// environment, artifacts, vault, templates, merged meta, cpu, memory or networks (Nomad 0.8's list).
bool needs_replacement(const Job& old_job, const TaskGroup& old_group, const Job& new_job, const TaskGroup& new_group);

}  // namespace orch

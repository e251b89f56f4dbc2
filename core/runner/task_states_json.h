// Task states as Nomad's JSON, and a node's report of one allocation.
#pragma once

#include <map>
#include <string>

#include "core/model/task_state.h"
#include "core/runner/alloc_runner.h"

namespace orch {

/// `{"redis":{"Events":[…],"Failed":false,…}}`; names sorted, every field of Nomad's there.
std::string task_states_json(const std::map<std::string, TaskState>& states);
void append_task_states(std::string& out, const std::map<std::string, TaskState>& states);

/// One entry of a report's `Alloc` list: ID, ClientStatus, ClientDescription, TaskStates, DeploymentStatus.
void append_report(std::string& out, const AllocRunner& alloc);

}  // namespace orch

// From an allocation and this node to what a driver starts: environment, ports, and texts with ${…} filled in.
#pragma once

#include <string>
#include <utility>

#include "drivers/node/alloc_dir.h"
#include "drivers/node/allocation_spec.h"
#include "core/model/node.h"
#include "core/runner/environment.h"
#include "core/runner/task_driver.h"

namespace orch::client {

/// Drivers whose tasks see folders of their own (docker) are given those as /alloc, /local and /secrets and nothing of
/// the agent's environment; the others see the host's paths, and the agent's variables except those that look secret.
TaskEnvironment make_environment(const AllocationSpec& spec, const Task& task, const Node& node, const AllocDir& dir,
                                 const std::string& region);

/// All but the output files, which are made when the task starts.
TaskConfig make_task_config(const AllocationSpec& spec, const Task& task, const TaskEnvironment& environment,
                            const AllocDir& dir, const Node& node);

/// MHz of one core of the node; 0 when it does not say.
double core_mhz(const Node& node);

/// Where a port label of the task leads to on this host. A label that is a number is that port; an empty label is the
/// node's address without a port.
std::pair<std::string, std::int32_t> service_address(const AllocationSpec& spec, const std::string& task,
                                                     const std::string& label, const Node& node);

}  // namespace orch::client

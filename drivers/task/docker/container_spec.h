// From a job's `config` block to what the engine is asked to create.
#pragma once

#include <expected>
#include <string>

#include "core/runner/task_driver.h"
#include "drivers/task/driver_options.h"

namespace orch {

inline constexpr char alloc_label[] = "orch.alloc_id";
inline constexpr char task_label[] = "orch.task";
inline constexpr char job_label[] = "orch.job";

/// The name under which a task's container is known: "redis-97689fb9-…".
std::string container_name(const TaskConfig& task);

/// Body of POST /containers/create for an image of that name. The error names the key that asks for what the job does
/// not have, is malformed, or is not allowed on this node, and in that case the setting that would allow it.
std::expected<std::string, std::string> container_spec(const TaskConfig& task, const std::string& image,
                                                       const DockerOptions& options);

}  // namespace orch

// From a job's `config` block to what the engine is asked to create.
#pragma once

#include <string>
#include <vector>

#include "core/runner/task_driver.h"

namespace orch {

inline constexpr char alloc_label[] = "orch.alloc_id";
inline constexpr char task_label[] = "orch.task";
inline constexpr char job_label[] = "orch.job";

/// "redis" is "redis:latest"; a digest stays.
std::string full_image_name(const std::string& image);

/// The name under which a task's container is known: "redis-97689fb9-…".
std::string container_name(const TaskConfig& task);

std::vector<std::string> check_docker_config(const Value::Map& config);

/// Body of POST /containers/create. The error names a port label that the config mentions and the job does not have.
std::expected<std::string, DriverError> container_spec(const TaskConfig& task);

}  // namespace orch

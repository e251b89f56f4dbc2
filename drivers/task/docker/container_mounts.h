// What a container sees of the host's file system: the allocation's own folders, `volumes` and `mounts`.
//
// Sources inside the allocation's folder are always allowed, also after symbolic links are followed; anything else
// needs docker.volumes.enabled on the node.
#pragma once

#include <boost/json/array.hpp>
#include <expected>
#include <string>

#include "core/runner/task_driver.h"
#include "drivers/task/driver_options.h"

namespace orch {

struct ContainerMounts {
  boost::json::array binds;   ///< HostConfig.Binds
  boost::json::array mounts;  ///< HostConfig.Mounts
};

/// The error is a sentence that names the key, and the setting when one is missing.
std::expected<ContainerMounts, std::string> container_mounts(const TaskConfig& task, const DockerOptions& options);

}  // namespace orch

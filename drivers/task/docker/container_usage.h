// What containers use of the machine, from the engine's counters.
//
// The engine counts time used since the start; a share needs two moments, so the last one is kept for each container.
// The first measurement of a container takes two samples and so a moment longer.
//
// Thread-safe; the lock is not held while the engine is asked. The engine outlives it.
#pragma once

#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "core/runner/task_driver.h"
#include "drivers/task/docker/docker_engine.h"

namespace orch {

class ContainerUsage {
 public:
  explicit ContainerUsage(const DockerEngine& engine) : engine_(engine) {}

  std::expected<TaskStats, DriverError> measure(const std::string& handle);
  void forget(const std::string& handle);

 private:
  struct Usage {
    double container_ns = 0, user_ns = 0, kernel_ns = 0, system_ns = 0;
  };
  struct Sample {
    Usage usage;
    double cpus = 1;
    TaskStats memory;
  };
  std::expected<Sample, DriverError> sample(const std::string& handle) const;

  const DockerEngine& engine_;
  std::mutex mutex_;
  std::map<std::string, Usage> last_;  // under mutex_
};

}  // namespace orch

// Images: there already, or pulled once for all who wait for the same one.
#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "core/runner/task_driver.h"
#include "drivers/task/docker/docker_engine.h"

namespace orch {

class ImageStore {
 public:
  explicit ImageStore(const DockerEngine& engine) : engine_(engine) {}

  /// Returns when the engine has the image. `progress` is told when a download begins.
  std::expected<void, DriverError> need(const std::string& image, bool pull_always, const TaskDriver::Progress& progress);

 private:
  struct Pull {
    bool done = false;
    std::string error;
  };
  std::string pull(const std::string& image);

  const DockerEngine& engine_;
  std::mutex mutex_;
  std::condition_variable finished_;
  std::map<std::string, std::shared_ptr<Pull>> pulls_;
};

}  // namespace orch

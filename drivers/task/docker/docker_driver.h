// Runs tasks as containers of a Docker engine.
//
// The handle is the container's id. Containers carry the labels orch.alloc_id and orch.task, by which an agent finds those
// of an earlier one. An engine that is away ends no task: waiting goes on until it answers again.
#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "core/runner/task_driver.h"
#include "drivers/task/docker/docker_engine.h"
#include "drivers/task/docker/image_store.h"
#include "drivers/task/docker/log_follower.h"

namespace orch {

class DockerDriver final : public TaskDriver {
 public:
  explicit DockerDriver(std::string socket_path) : engine_(std::move(socket_path)), images_(engine_) {}

  std::string name() const override { return "docker"; }
  DriverFingerprint fingerprint() override;
  std::vector<std::string> validate(const Value::Map& config) const override;
  std::expected<std::string, DriverError> start(const TaskConfig& task, const Progress& progress) override;
  std::expected<void, DriverError> recover(const std::string& handle, const TaskConfig& task) override;
  std::optional<TaskExit> wait(const std::string& handle, Duration timeout) override;
  std::expected<void, DriverError> stop(const std::string& handle, const std::string& kill_signal,
                                        Duration kill_timeout) override;
  std::expected<void, DriverError> signal(const std::string& handle, const std::string& signal) override;
  std::expected<TaskStats, DriverError> stats(const std::string& handle) override;
  std::expected<ExecResult, DriverError> exec(const std::string& handle, const std::string& command,
                                              const std::vector<std::string>& arguments, Duration timeout) override;
  std::expected<void, DriverError> destroy(const std::string& handle) override;
  std::vector<Found> list() override;

 private:
  void follow(const std::string& handle, const TaskConfig& task);
  void wait_for_output(const std::string& handle);

  DockerEngine engine_;
  ImageStore images_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<LogFollower>> followers_;  // by handle
  struct Usage {
    double container_ns = 0, system_ns = 0;
  };
  std::map<std::string, Usage> last_usage_;
};

}  // namespace orch

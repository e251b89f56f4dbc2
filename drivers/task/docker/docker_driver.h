// Runs tasks as containers of a Docker engine.
//
// The handle is the container's id. Containers carry the labels orch.alloc_id and orch.task, by which an agent finds
// those of an earlier one. An engine that is away ends no task: waiting goes on until it answers again, and then tells
// what became of the container.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <utility>

#include "core/runner/task_driver.h"
#include "drivers/task/docker/container_usage.h"
#include "drivers/task/docker/container_watch.h"
#include "drivers/task/docker/docker_engine.h"
#include "drivers/task/docker/image_store.h"
#include "drivers/task/docker/log_follower.h"
#include "drivers/task/driver_options.h"

namespace orch {

class DockerDriver final : public TaskDriver {
 public:
  explicit DockerDriver(DockerOptions options);

  std::string name() const override { return "docker"; }
  DriverFingerprint fingerprint() override;
  std::vector<std::string> validate(const Value::Map& config) const override;
  std::expected<std::string, DriverError> start(const TaskConfig& task, const Progress& progress) override;
  void cancel_start(const std::string& alloc_id, const std::string& task) override;
  std::expected<void, DriverError> recover(const std::string& handle, const TaskConfig& task) override;
  std::optional<TaskExit> wait(const std::string& handle, Duration timeout) override;
  std::expected<void, DriverError> stop(const std::string& handle, const std::string& kill_signal,
                                        Duration kill_timeout) override;
  std::expected<void, DriverError> signal(const std::string& handle, const std::string& signal) override;
  std::expected<TaskStats, DriverError> stats(const std::string& handle) override;
  std::expected<ExecResult, DriverError> exec(const std::string& handle, const std::string& command,
                                              const std::vector<std::string>& arguments, Duration timeout) override;
  std::expected<void, DriverError> destroy(const std::string& handle) override;
  std::expected<std::vector<Found>, DriverError> list() override;

 private:
  std::expected<std::string, DriverError> run_container(const TaskConfig& task, const std::string& body,
                                                        const Progress& progress);
  std::vector<std::string> follow(const std::string& handle, const TaskConfig& task);
  TaskExit exit_of(const std::string& handle, const boost::json::value& container);
  boost::json::value after_oom_notice(const std::string& handle, boost::json::value container);

  const DockerOptions options_;
  DockerEngine engine_;
  ImageStore images_;
  ContainerWatch watch_;
  ContainerUsage usage_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<LogFollower>> followers_;           // by handle
  std::map<std::pair<std::string, std::string>, std::stop_source> starts_;  // under way, by allocation and task
  DriverFingerprint seen_;  // as of the last time that the engine answered
};

}  // namespace orch

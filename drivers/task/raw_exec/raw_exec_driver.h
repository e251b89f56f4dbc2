// Runs tasks as plain processes of this machine, without isolation.
//
// Each task is the child of a small supervisor that is nobody's child: it lives on when the agent is killed, waits for
// the task, kills what is left of its process group and leaves its exit status in a file, so a later agent learns how
// the task ended. The handle is "PID:START_TIME:EXIT_FILE"; the start time tells a process from a later one of the same
// number.
#pragma once

#include "core/runner/task_driver.h"

namespace orch {

class RawExecDriver final : public TaskDriver {
 public:
  /// One that is not enabled takes no task and says which setting would change that.
  explicit RawExecDriver(bool enabled) : enabled_(enabled) {}

  std::string name() const override { return "raw_exec"; }
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
  /// A process does not say whose it is: none is listed.
  std::expected<std::vector<Found>, DriverError> list() override { return std::vector<Found>(); }

 private:
  const bool enabled_;
};

}  // namespace orch

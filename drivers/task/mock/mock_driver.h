// A driver that runs nothing: tasks that start, live and end as their config says. For tests, benches and the
// simulator's real counterpart.
//
// Config: run_for ("10s"; absent: for ever), exit_code, exit_signal, exit_err_msg, start_error,
// start_error_recoverable, start_block_for (ended early by cancel_start), kill_after (how long a stop takes),
// signal_error, stdout_string. Tasks live in the process, so `recover` finds them only within it. No thread per task:
// waiting is a condition variable with a deadline.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "core/runner/task_driver.h"

namespace orch {

class MockDriver final : public TaskDriver {
 public:
  std::string name() const override { return "mock_driver"; }
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
  using Clock = std::chrono::steady_clock;
  struct Run {
    std::string alloc_id, task_name;
    Clock::time_point ends;
    TaskExit exit;
    Duration kill_after;
    std::string signal_error;
  };
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Run> runs_;
  std::set<std::pair<std::string, std::string>> blocked_, cancelled_;  // starts, by allocation and task
  std::uint64_t next_ = 1;
};

}  // namespace orch

// A task driver whose tasks are entries of a map: tests decide when they end, and see every call.
#pragma once

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "core/runner/task_driver.h"

namespace orch::test {

class FakeDriver : public TaskDriver {
 public:
  struct Running {
    TaskConfig config;
    std::optional<TaskExit> exit;
    bool destroyed = false;
  };

  std::string name() const override { return "fake"; }
  DriverFingerprint fingerprint() override {
    std::lock_guard lock(mutex_);
    return {true, healthy_, healthy_ ? "fit" : "unwell", {{"driver.fake.version", "1"}}};
  }
  std::vector<std::string> validate(const Value::Map& config) const override {
    if (config.contains("bad")) return {"bad: is not a key of this driver"};
    return {};
  }
  std::expected<std::string, DriverError> start(const TaskConfig& task, const Progress& progress) override {
    progress("Downloading image");
    std::unique_lock lock(mutex_);
    ++begun_starts_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return !starts_held_ || cancelled_.contains(task.alloc_id); });
    if (starts_held_) return std::unexpected(DriverError{"the start was cancelled", true});
    started_at_ = std::chrono::steady_clock::now();
    if (!start_error_.message.empty()) return std::unexpected(start_error_);
    const std::string handle = "h" + std::to_string(++count_);
    tasks_[handle].config = task;
    changed_.notify_all();
    return handle;
  }
  void cancel_start(const std::string& alloc_id, const std::string&) override {
    std::lock_guard lock(mutex_);
    cancelled_.insert(alloc_id);
    changed_.notify_all();
  }
  std::expected<void, DriverError> recover(const std::string& handle, const TaskConfig&) override {
    std::lock_guard lock(mutex_);
    ++recoveries_;
    if (!tasks_.contains(handle) || tasks_[handle].destroyed)
      return std::unexpected(DriverError{"no such task", false});
    return {};
  }
  std::optional<TaskExit> wait(const std::string& handle, Duration timeout) override {
    std::unique_lock lock(mutex_);
    if (timeout.ns > 0) ++waits_;
    changed_.wait_for(lock, std::chrono::nanoseconds(timeout.ns), [&] { return tasks_[handle].exit.has_value(); });
    return tasks_[handle].exit;
  }
  std::expected<void, DriverError> stop(const std::string& handle, const std::string&, Duration) override {
    std::lock_guard lock(mutex_);
    if (!tasks_[handle].exit) tasks_[handle].exit = TaskExit{0, 15, false, ""};
    changed_.notify_all();
    return {};
  }
  std::expected<void, DriverError> signal(const std::string&, const std::string& signal) override {
    std::lock_guard lock(mutex_);
    signals_.push_back(signal);
    return {};
  }
  std::expected<TaskStats, DriverError> stats(const std::string&) override {
    TaskStats stats;
    stats.memory_rss = 1234;
    return stats;
  }
  std::expected<ExecResult, DriverError> exec(const std::string&, const std::string&, const std::vector<std::string>&,
                                              Duration) override {
    std::lock_guard lock(mutex_);
    return ExecResult{exec_code_, "checked"};
  }
  std::expected<void, DriverError> destroy(const std::string& handle) override {
    std::lock_guard lock(mutex_);
    tasks_[handle].destroyed = true;
    changed_.notify_all();
    return {};
  }
  std::expected<std::vector<Found>, DriverError> list() override {
    std::lock_guard lock(mutex_);
    std::vector<Found> found;
    for (const auto& [handle, task] : tasks_) {
      if (!task.destroyed) found.push_back({handle, task.config.alloc_id, task.config.task_name});
    }
    return found;
  }

  // What tests do and ask.
  void end_task(const std::string& handle, int code) {
    std::lock_guard lock(mutex_);
    tasks_[handle].exit = TaskExit{code, 0, false, ""};
    changed_.notify_all();
  }
  /// A task that runs although no client has started it.
  void run_secretly(const std::string& handle, const std::string& alloc_id, const std::string& task) {
    std::lock_guard lock(mutex_);
    tasks_[handle].config.alloc_id = alloc_id;
    tasks_[handle].config.task_name = task;
  }
  void set_healthy(bool healthy) {
    std::lock_guard lock(mutex_);
    healthy_ = healthy;
  }
  /// Starts that begin from now on last until they are let go.
  void hold_starts(bool hold) {
    std::lock_guard lock(mutex_);
    starts_held_ = hold;
    changed_.notify_all();
  }
  int begun_starts() const {
    std::lock_guard lock(mutex_);
    return begun_starts_;
  }
  void set_exec_code(int code) {
    std::lock_guard lock(mutex_);
    exec_code_ = code;
  }
  void fail_starts(DriverError error) {
    std::lock_guard lock(mutex_);
    start_error_ = std::move(error);
  }
  std::map<std::string, Running> tasks() const {
    std::lock_guard lock(mutex_);
    return tasks_;
  }
  int recoveries() const {
    std::lock_guard lock(mutex_);
    return recoveries_;
  }
  /// Calls of `wait` that were ready to wait: the task counts as running.
  int waits() const {
    std::lock_guard lock(mutex_);
    return waits_;
  }
  std::vector<std::string> signals() const {
    std::lock_guard lock(mutex_);
    return signals_;
  }
  std::chrono::steady_clock::time_point started_at() const {
    std::lock_guard lock(mutex_);
    return started_at_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, Running> tasks_;
  std::vector<std::string> signals_;
  std::set<std::string> cancelled_;  // allocations
  int count_ = 0, recoveries_ = 0, waits_ = 0, exec_code_ = 0, begun_starts_ = 0;
  bool healthy_ = true, starts_held_ = false;
  DriverError start_error_;
  std::chrono::steady_clock::time_point started_at_;
};

}  // namespace orch::test

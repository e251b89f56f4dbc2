#include "drivers/task/mock/mock_driver.h"

#include <unistd.h>

#include "core/jobspec/driver_config.h"
#include "drivers/files/output_file.h"
#include "drivers/task/config_reader.h"

namespace orch {
namespace {

DriverError gone() { return {"the mock task is not known to this process", false}; }

}  // namespace

DriverFingerprint MockDriver::fingerprint() { return {true, true, "running", {}}; }

std::vector<std::string> MockDriver::validate(const Value::Map& config) const {
  return config_errors("mock_driver", config);
}

std::expected<std::string, DriverError> MockDriver::start(const TaskConfig& task, const Progress&) {
  if (const Duration block = config_duration(task.config, "start_block_for"); block.ns > 0) {
    const std::pair key(task.alloc_id, task.task_name);
    std::unique_lock lock(mutex_);
    blocked_.insert(key);
    const bool cancelled =
        changed_.wait_for(lock, std::chrono::nanoseconds(block.ns), [&] { return cancelled_.contains(key); });
    blocked_.erase(key);
    cancelled_.erase(key);
    if (cancelled) return std::unexpected(DriverError{"the start was cancelled", true});
  }
  if (const std::string error = config_text(task.config, "start_error"); !error.empty()) {
    return std::unexpected(DriverError{error, config_truth(task.config, "start_error_recoverable")});
  }
  if (const std::string text = config_text(task.config, "stdout_string"); !text.empty()) {
    // Output that has no file is dropped, as the other drivers do.
    if (const auto out = files::take_output(task.alloc_dir, task.stdout_path, {}))
      (void)!::write(out->file.get(), text.data(), text.size());
  }
  const Duration run_for = config_duration(task.config, "run_for", Duration{-1});
  Run run{.alloc_id = task.alloc_id,
          .task_name = task.task_name,
          .ends = run_for.ns < 0 ? Clock::time_point::max() : Clock::now() + std::chrono::nanoseconds(run_for.ns),
          .exit = {.exit_code = static_cast<int>(config_whole(task.config, "exit_code")),
                   .signal = static_cast<int>(config_whole(task.config, "exit_signal")),
                   .error = config_text(task.config, "exit_err_msg")},
          .kill_after = config_duration(task.config, "kill_after"),
          .signal_error = config_text(task.config, "signal_error")};
  std::lock_guard lock(mutex_);
  std::string handle = "mock-" + std::to_string(next_++);
  runs_[handle] = std::move(run);
  return handle;
}

void MockDriver::cancel_start(const std::string& alloc_id, const std::string& task) {
  std::lock_guard lock(mutex_);
  if (!blocked_.contains({alloc_id, task})) return;
  cancelled_.insert({alloc_id, task});
  changed_.notify_all();
}

std::expected<void, DriverError> MockDriver::recover(const std::string& handle, const TaskConfig&) {
  std::lock_guard lock(mutex_);
  if (!runs_.contains(handle)) return std::unexpected(gone());
  return {};
}

std::optional<TaskExit> MockDriver::wait(const std::string& handle, Duration timeout) {
  std::unique_lock lock(mutex_);
  const auto deadline = Clock::now() + std::chrono::nanoseconds(timeout.ns);
  while (true) {
    const auto it = runs_.find(handle);
    if (it == runs_.end()) return TaskExit{.error = gone().message};
    const auto now = Clock::now();
    if (now >= it->second.ends) return it->second.exit;
    if (now >= deadline) return {};
    changed_.wait_until(lock, std::min(deadline, it->second.ends));
  }
}

std::expected<void, DriverError> MockDriver::stop(const std::string& handle, const std::string&,
                                                  Duration kill_timeout) {
  std::unique_lock lock(mutex_);
  const auto it = runs_.find(handle);
  if (it == runs_.end()) return {};
  const auto now = Clock::now();
  if (it->second.ends > now) {
    const bool obeys = it->second.kill_after <= kill_timeout;
    const Duration takes = obeys ? it->second.kill_after : kill_timeout;
    it->second.ends = std::min(it->second.ends, now + std::chrono::nanoseconds(takes.ns));
    it->second.exit = {.exit_code = 0, .signal = obeys ? 15 : 9};
  }
  const auto ends = it->second.ends;
  changed_.notify_all();
  changed_.wait_until(lock, ends, [&] { return Clock::now() >= ends; });
  return {};
}

std::expected<void, DriverError> MockDriver::signal(const std::string& handle, const std::string&) {
  std::lock_guard lock(mutex_);
  const auto at = runs_.find(handle);
  if (at == runs_.end()) return std::unexpected(gone());
  if (!at->second.signal_error.empty()) return std::unexpected(DriverError{at->second.signal_error, false});
  return {};
}

std::expected<TaskStats, DriverError> MockDriver::stats(const std::string& handle) {
  std::lock_guard lock(mutex_);
  if (!runs_.contains(handle)) return std::unexpected(gone());
  return TaskStats{};
}

std::expected<TaskDriver::ExecResult, DriverError> MockDriver::exec(const std::string&, const std::string&,
                                                                    const std::vector<std::string>&, Duration) {
  return std::unexpected(DriverError{"the mock driver runs no commands", false});
}

std::expected<void, DriverError> MockDriver::destroy(const std::string& handle) {
  std::lock_guard lock(mutex_);
  runs_.erase(handle);
  changed_.notify_all();
  return {};
}

std::expected<std::vector<TaskDriver::Found>, DriverError> MockDriver::list() {
  std::lock_guard lock(mutex_);
  std::vector<Found> found;
  for (const auto& [handle, run] : runs_) found.push_back({handle, run.alloc_id, run.task_name});
  return found;
}

}  // namespace orch

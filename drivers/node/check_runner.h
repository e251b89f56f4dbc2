// Runs the checks of one allocation's services: tcp, http and script, each on its interval with its timeout.
//
// A thread per check; results are told on that thread. The first attempt comes at once, and during the first interval a
// failing check is tried again twice a second without its failure being told (tasks need a moment to listen), so a
// service is healthy when it is, not an interval later. `stop` returns when no result will come any more.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/model/job.h"
#include "core/runner/task_driver.h"

namespace orch::client {

struct CheckResult {
  enum class Status { passing, warning, critical };
  Status status = Status::critical;
  std::string output;  ///< what was seen, in words; at most 4 KiB
};

/// A check with everything filled in that it needs.
struct CheckTarget {
  std::string id;      ///< unique within the allocation
  std::string service, task;
  ServiceCheck check;  ///< texts interpolated
  std::string host;    ///< where to connect to, for tcp and http
  std::int32_t port = 0;
  /// Runs a command in the task, for script checks.
  std::function<std::expected<TaskDriver::ExecResult, DriverError>(const std::string& command,
                                                                   const StringList& arguments, Duration timeout)>
      exec;
};

/// One attempt; blocks at most about the check's timeout.
CheckResult run_check(const CheckTarget& target);

class CheckRunner {
 public:
  using OnResult = std::function<void(const CheckTarget&, const CheckResult&)>;
  CheckRunner(std::vector<CheckTarget> targets, OnResult on_result);
  ~CheckRunner();
  void stop();

 private:
  void run(const CheckTarget& target);
  void check(const CheckTarget& target);
  bool pause(Duration time);

  const std::vector<CheckTarget> targets_;
  const OnResult on_result_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace orch::client

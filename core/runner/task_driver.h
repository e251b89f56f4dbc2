// The task-driver port: what the node client asks of Docker, raw_exec, mock and whatever comes later.
//
// A driver starts one task and answers a handle: a short text that is stored in the node's state file, from which the
// same or a later agent process takes the running task up again (`recover`). Calls block and may take long (pulls);
// the node client makes them on threads of its own and never two at once for the same task, except `stop`, `stats` and
// `signal`, which may run beside `wait`. Drivers are thread-safe across tasks and live as long as the agent.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/time.h"
#include "core/model/value.h"

namespace orch {

/// A host port handed to a task. `to` is the port inside the container (0: same as `value`).
struct TaskPort {
  std::string label;
  std::string host_ip;
  std::int32_t value = 0;
  std::int32_t to = 0;
};

/// All that a driver needs to start a task; texts are already interpolated.
struct TaskConfig {
  std::string alloc_id, alloc_name, job_name, group_name, task_name;
  Value::Map config;                       ///< the job's `config` block
  std::map<std::string, std::string> env;  ///< complete environment of the task
  std::string user;
  std::int32_t cpu_mhz = 0;
  double cpu_cores = 0;  ///< what cpu_mhz is in cores of this node; 0: the node does not know
  std::int32_t memory_mb = 0;
  std::vector<TaskPort> ports;
  std::string alloc_dir;    ///< shared folder on the host: `alloc/` of the allocation
  std::string task_dir;     ///< folder of this task on the host; holds local/ and secrets/
  std::string stdout_path;  ///< the driver writes the task's output to these (a fifo or a file, opened for append)
  std::string stderr_path;
};

struct DriverFingerprint {
  bool detected = false;
  bool healthy = false;
  std::string health_description;                 ///< e.g. "Driver is available and responsive"
  std::map<std::string, std::string> attributes;  ///< e.g. driver.docker.version
};

struct TaskExit {
  int exit_code = 0;
  int signal = 0;          ///< 0 when the task ended by itself
  bool oom_killed = false;
  std::string error;       ///< what the driver adds to the code: why it failed, or why that can't be known; else empty
};

struct TaskStats {
  double cpu_percent = 0;         ///< 100 = one core
  double cpu_mhz = 0;             ///< total ticks as Nomad names them
  std::uint64_t memory_rss = 0;   ///< bytes
  std::uint64_t memory_cache = 0, memory_swap = 0, memory_max = 0;
  double cpu_system_percent = 0, cpu_user_percent = 0;
  struct Process;
  std::vector<Process> processes;  ///< where the driver counts them one by one; what they have together stands above
};

struct TaskStats::Process {
  std::int32_t pid = 0;
  TaskStats usage;
};

struct DriverError {
  std::string message;       ///< becomes the description of the task event "Driver Failure"
  bool recoverable = false;  ///< the restart policy may try again
};

class TaskDriver {
 public:
  virtual ~TaskDriver() = default;

  virtual std::string name() const = 0;

  /// Cheap enough to be asked every few seconds; notices a driver that went away or came back.
  virtual DriverFingerprint fingerprint() = 0;

  /// Errors of the job's `config` block, each a sentence that names the key. Needs no engine.
  virtual std::vector<std::string> validate(const Value::Map& config) const = 0;

  /// Progress is told as text for task events of type "Driver" ("Downloading image redis:3.2").
  using Progress = std::function<void(const std::string&)>;
  virtual std::expected<std::string, DriverError> start(const TaskConfig& task, const Progress& progress) = 0;

  /// Ends a start of this task that is under way as soon as may be; it answers an error then. From any thread; a driver
  /// whose starts are short need not do anything.
  virtual void cancel_start(const std::string& alloc_id, const std::string& task) {
    static_cast<void>(alloc_id);
    static_cast<void>(task);
  }

  /// True when the task of this handle still runs, or has ended and `wait` will tell how. Also when that can't be known
  /// now, because the engine is away: `wait` will tell then.
  virtual std::expected<void, DriverError> recover(const std::string& handle, const TaskConfig& task) = 0;

  /// Waits for the task's end; answers nothing when `timeout` passes first.
  virtual std::optional<TaskExit> wait(const std::string& handle, Duration timeout) = 0;

  /// Sends `kill_signal` (empty: the driver's usual one), waits at most `kill_timeout`, then kills. Idempotent.
  virtual std::expected<void, DriverError> stop(const std::string& handle, const std::string& kill_signal,
                                                Duration kill_timeout) = 0;
  virtual std::expected<void, DriverError> signal(const std::string& handle, const std::string& signal) = 0;
  virtual std::expected<TaskStats, DriverError> stats(const std::string& handle) = 0;

  /// Runs a command inside the task (script checks): exit code and output. Drivers that cannot say so.
  struct ExecResult {
    int exit_code = 0;
    std::string output;  ///< stdout and stderr together, at most 4 KiB
  };
  virtual std::expected<ExecResult, DriverError> exec(const std::string& handle, const std::string& command,
                                                      const std::vector<std::string>& arguments, Duration timeout) = 0;

  /// Removes what is left of an ended task (the container). Idempotent.
  virtual std::expected<void, DriverError> destroy(const std::string& handle) = 0;

  /// Handles of all tasks of ours that the driver can see, known to the node client or not, with their allocation id:
  /// the node client ends those that nobody knows. Drivers that cannot list answer an empty list; an error means that
  /// the engine is away, and to ask again.
  struct Found {
    std::string handle, alloc_id, task_name;
  };
  virtual std::expected<std::vector<Found>, DriverError> list() = 0;
};

}  // namespace orch

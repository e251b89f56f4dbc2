// A process whose supervisor outlives this one; see raw_exec_driver.h.
#pragma once

#include <sys/types.h>

#include <expected>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace orch {

struct ProcessHandle {
  pid_t pid = 0;
  unsigned long long start_time = 0;  ///< clock ticks since boot, from /proc/PID/stat
  std::string exit_file;

  std::string text() const;
  static std::optional<ProcessHandle> parse(const std::string& text);
  bool alive() const;
};

struct ProcessRequest {
  std::string program;  ///< a path, or a name that is looked up in PATH of `env`
  std::vector<std::string> arguments;
  std::map<std::string, std::string> env;
  std::string folder, stdout_path, stderr_path;
  std::string exit_file;  ///< in a folder that the process cannot write, or it could fake its end
  std::string user;       ///< a name or a number; empty: this process's own
};

/// Starts it in a process group of its own; what is left of the group when the process ends is killed. The error says
/// what failed ("exec /bin/nosuch: No such file or directory").
std::expected<ProcessHandle, std::string> start_supervised(const ProcessRequest& request);

/// What the supervisor wrote, as of waitpid; nothing while there is nothing.
std::optional<int> exit_status(const std::string& exit_file);

/// Field 22 of /proc/PID/stat; 0 when there is no such process or it is a zombie.
unsigned long long start_time_of(pid_t pid);

}  // namespace orch

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

/// Who a process runs as.
struct Account {
  std::string name;  ///< as it was asked for
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
};

/// By a name or a number.
std::expected<Account, std::string> account_of(const std::string& user);

struct ProcessRequest {
  std::string program;  ///< a path, or a name that is looked up in PATH of `env`
  std::vector<std::string> arguments;
  std::map<std::string, std::string> env;
  std::string folder;
  int output = -1, errors = -1;    ///< open files, lent; what the process has as its stdout and stderr
  std::string exit_file;           ///< in a folder that the process cannot write, or it could fake its end
  std::optional<Account> account;  ///< none: this process's own
};

/// Starts it in a process group of its own; what is left of the group when the process ends is killed. The error says
/// what failed ("exec /bin/nosuch: No such file or directory").
std::expected<ProcessHandle, std::string> start_supervised(const ProcessRequest& request);

/// What the supervisor wrote, as of waitpid; nothing while there is nothing.
std::optional<int> exit_status(const std::string& exit_file);

/// Field 22 of /proc/PID/stat; 0 when there is no such process or it is a zombie.
unsigned long long start_time_of(pid_t pid);

}  // namespace orch

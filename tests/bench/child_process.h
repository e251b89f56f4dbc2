// A process that a bench has started: its output line by line, its use of processor and memory, its end.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace orch::bench {

/// Ended, and waited for, with the object.
class ChildProcess {
 public:
  /// `words[0]` is the program. Standard error goes to `log_file`.
  ChildProcess(const std::vector<std::string>& words, const std::string& log_file);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// The next whole line of its output; nothing once it has ended, or when none comes in time.
  std::optional<std::string> line(double seconds);
  /// Lines up to one that contains `part`; answers that line.
  std::optional<std::string> line_with(const std::string& part, double seconds);
  void write(const std::string& text);

  /// SIGTERM, and SIGKILL after a while; the exit status.
  int end();
  /// Waits for its own end.
  int wait();

  pid_t pid() const { return pid_; }
  /// Seconds of processor time so far: user and system.
  struct Times {
    double user = 0, system = 0;
  };
  Times times() const;
  /// A field of /proc/PID/status in MiB: RssAnon, VmHWM, …
  double megabytes(const std::string& field) const;

 private:
  pid_t pid_ = -1;
  int in_ = -1, out_ = -1;
  std::string read_;
};

}  // namespace orch::bench

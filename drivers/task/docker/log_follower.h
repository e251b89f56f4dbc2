// Copies a container's output into the task's log files, from where an earlier agent left off.
//
// The engine keeps the output with a timestamp per line; the last one copied is kept beside the log file, so that an agent
// that takes the container up again goes on after it. A line may be written twice when the agent is killed between the two
// writes, never lost while the engine still has it. One thread per container; it ends with the container.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>

#include "drivers/task/docker/docker_engine.h"

namespace orch {

class LogFollower {
 public:
  LogFollower(const DockerEngine& engine, std::string container, std::string stdout_path, std::string stderr_path, bool tty);
  ~LogFollower();

  /// The output has ended and all of it is in the files.
  bool finished() const { return finished_; }

 private:
  void run();
  void take(std::string_view bytes);
  void line(int stream, std::string_view text);

  const DockerEngine& engine_;
  std::string container_, position_path_, position_, pending_;
  bool tty_;
  int files_[2] = {-1, -1};
  net::HttpClient client_;
  std::atomic<bool> stopping_ = false, finished_ = false;
  std::thread thread_;
};

}  // namespace orch

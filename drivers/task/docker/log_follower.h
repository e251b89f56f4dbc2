// Copies a container's output into the task's log files, from where an earlier agent left off.
//
// The engine keeps the output with a timestamp per piece (a line, or part of a long one, whose parts share it); which
// piece was copied last is kept beside the log file, so that an agent that takes the container up again goes on after
// it. The folder of all these files is the task's too, so they are opened as drivers/files/output_file.h says, once;
// output whose file cannot be had is dropped. A piece may be written twice when the agent is killed between the two
// writes, never lost while the engine still has it: when the log file cannot be written, a full disk most likely,
// copying waits until it can. One thread per container.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "drivers/files/output_file.h"
#include "drivers/task/docker/docker_engine.h"

namespace orch {

class LogFollower {
 public:
  /// The paths lie below `root`.
  LogFollower(const DockerEngine& engine, std::string container, const std::string& root,
              const std::string& stdout_path, const std::string& stderr_path, bool tty);
  ~LogFollower();

  /// What had to make room for the files, or why output is dropped; a sentence each.
  const std::vector<std::string>& notices() const { return notices_; }

  /// Waits until the output has ended and all of it is in the files, at most this long.
  bool wait_finished(Duration most);

 private:
  struct Position {
    std::string stamp;        ///< of the piece that was copied last
    std::uint64_t pieces = 0;  ///< with that stamp
  };
  files::Descriptor open_file(const std::string& root, const std::string& path, std::optional<files::Owner> owner);
  void load_position();
  void run();
  void follow();
  bool copy_once();
  bool container_runs();
  bool take(std::string_view bytes);
  bool piece(int stream, std::string_view text);
  bool write_owed();
  void store_position();
  bool pause(int milliseconds);

  const DockerEngine& engine_;
  std::string container_, pending_;
  std::vector<std::string> notices_;
  Position position_;
  bool resuming_ = false;      ///< the engine may still tell what was copied before
  std::uint64_t to_skip_ = 0;  ///< pieces of the position's stamp that it tells again
  std::string owed_;           ///< taken, and not yet written
  int owed_stream_ = 1;
  bool tty_;
  files::Descriptor files_[2];  ///< -1: dropped
  files::Descriptor position_file_;
  net::HttpClient client_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool finished_ = false;
  std::thread thread_;
};

}  // namespace orch

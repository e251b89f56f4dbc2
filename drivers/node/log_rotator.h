// Task output on disk: <task>.stdout.0, .1, …, of which the highest number is being written.
//
// A driver is given a plain file to append to (O_APPEND), so that a task goes on writing while no agent runs and
// nothing breaks when one is killed. When the file has grown past the limit its older bytes are copied into a file of
// their own and cut off the front: the file that the task holds open is renamed to the next number, the copy takes its
// old name. Where the file system can collapse a range (ext4, xfs) no byte is lost however fast the task writes;
// elsewhere the file is truncated after a last look, which can lose what is written in between. Copies are whole blocks
// of 4 KiB, so an offset that a reader holds in file n stays right.
//
// One thread looks after all files. Readers that hold `reading()` see no half-done rotation. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace orch::client {

/// Number and size of the files of one stream, ascending; `stem` is "<folder>/<task>.stdout".
struct LogFile {
  std::uint64_t number = 0;
  std::uint64_t size = 0;
};
std::vector<LogFile> list_log_files(const std::string& stem);

class LogRotator {
 public:
  explicit LogRotator(Duration look_every = milliseconds(250));
  ~LogRotator();

  /// Answers the file that the driver has to append to, made if need be, and looks after the stream from now on. Cleans
  /// up after a rotation that a kill cut short. Idempotent.
  std::string add(const std::string& stem, std::uint64_t max_file_bytes, std::uint32_t max_files);
  /// Stops looking after it; files stay.
  void remove(const std::string& stem);

  std::shared_lock<std::shared_mutex> reading() { return std::shared_lock(files_mutex_); }

  /// One look at every stream; the thread does this by itself.
  void look();

 private:
  struct Limits {
    std::uint64_t max_file_bytes;
    std::uint32_t max_files;
  };
  void rotate(const std::string& stem, const Limits& limits);
  void run();

  const Duration look_every_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::map<std::string, Limits> streams_;
  bool stopping_ = false;
  std::shared_mutex files_mutex_;  // exclusive while files move
  std::thread thread_;
};

}  // namespace orch::client

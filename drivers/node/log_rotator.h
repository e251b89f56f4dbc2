// Task output on disk: <task>.stdout.0, .1, …, of which the highest number is being written.
//
// A driver is given a plain file to append to (O_APPEND), so that a task goes on writing while no agent runs and
// nothing breaks when one is killed. When the file has grown past the limit its older bytes are copied into a file of
// their own and cut off the front: the file that the task holds open is renamed to the next number, the copy takes its
// old name. Where the file system can collapse a range (ext4, xfs) no byte is lost however fast the task writes;
// elsewhere the file is truncated after a last look, which can lose what is written in between. Copies are whole blocks
// of 4 KiB, so an offset that a reader holds in file n stays right.
//
// A stream is known by its root, a folder that no task can replace, and its stem, the path of its files below that
// without the number ("alloc/logs/t.stdout"). All below the root is the task's to change, so every file is reached
// through drivers/files; what is no plain file with one name is no part of the stream.
//
// One thread looks after all files. Readers that hold `reading()` see no half-done rotation of that stream. While files
// are touched only their stream is locked, so one folder that does not answer holds up one task. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "core/base/time.h"

namespace orch::client {

/// Number and size of the files of one stream, ascending.
struct LogFile {
  std::uint64_t number = 0;
  std::uint64_t size = 0;
};
std::vector<LogFile> list_log_files(const std::string& root, const std::string& stem);

class LogRotator {
 public:
  explicit LogRotator(Duration look_every = milliseconds(250));
  ~LogRotator();

  struct Added {
    std::string path;    ///< the file that the driver has to append to
    std::string notice;  ///< what was in its place and had to go; mostly empty
  };
  /// Makes the file if need be and looks after the stream from now on. Cleans up after a rotation that a kill cut
  /// short. Idempotent. The error is a sentence; the stream is not looked after then.
  std::expected<Added, std::string> add(const std::string& root, const std::string& stem, std::uint64_t max_file_bytes,
                                        std::uint32_t max_files);
  /// Stops looking after it; files stay. Does not wait for a look that is under way.
  void remove(const std::string& root, const std::string& stem);

  /// As long as it lives the stream's files stay where they are.
  class Reading;
  Reading reading(const std::string& root, const std::string& stem);

  /// One look at every stream; the thread does this by itself.
  void look();

 private:
  struct Stream {
    std::string root, stem;
    std::shared_mutex files;  ///< exclusive while files move
    std::uint64_t max_file_bytes = 0;
    std::uint32_t max_files = 0;
  };
  std::shared_ptr<Stream> find(const std::string& key);
  static void rotate(Stream& stream);
  void run();

  const Duration look_every_;
  std::mutex mutex_;  // of the maps; never held over a file
  std::condition_variable wake_;
  std::map<std::string, std::shared_ptr<Stream>> streams_;
  std::map<std::string, std::weak_ptr<Stream>> removed_;  ///< a look may still be at them
  bool stopping_ = false;
  std::thread thread_;
};

class LogRotator::Reading {
 public:
  explicit Reading(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {
    if (stream_) lock_ = std::shared_lock(stream_->files);
  }

 private:
  std::shared_ptr<Stream> stream_;
  std::shared_lock<std::shared_mutex> lock_;
};

}  // namespace orch::client

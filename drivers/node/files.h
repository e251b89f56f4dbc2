// Looking into one allocation's folder: what /v1/client/fs/{ls,stat,cat,readat,stream,logs} answer.
//
// Paths come from users. They are resolved by the kernel beneath the allocation's folder (drivers/files/folder.h), so
// neither "..", nor a symbolic link that a task has planted, nor a race between check and use leads outside. Task
// secrets are not read out. Stateless and thread-safe; `follow_*` block and belong on a thread of their own.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "drivers/net/http_server.h"
#include "drivers/node/log_rotator.h"

namespace orch::client {

struct FileError {
  enum class Kind { escapes, missing, refused, failed };
  Kind kind;
  std::string message;
};

/// Where a stream starts and whether it goes on at the end of what is there.
struct FollowOptions {
  bool from_end = false;      ///< `offset` counts back from the end
  std::uint64_t offset = 0;
  bool follow = true;
  bool plain = false;         ///< bytes as they are, instead of frames {"Data","File","Offset","FileEvent"}
  /// True once nothing more will be written: a follower then ends when it has sent everything.
  std::function<bool()> finished = [] { return false; };
  /// True when the follower must end at once (the agent stops).
  std::function<bool()> stop = [] { return false; };
};

class AllocFiles {
 public:
  explicit AllocFiles(std::string alloc_path) : root_(std::move(alloc_path)) {}

  /// JSON lists and objects of {Name, IsDir, Size, FileMode, ModTime}.
  std::expected<std::string, FileError> list(const std::string& path) const;
  std::expected<std::string, FileError> stat(const std::string& path) const;
  /// At most `limit` bytes from `offset` on.
  std::expected<std::string, FileError> read(const std::string& path, std::uint64_t offset, std::uint64_t limit) const;

  /// Sends a file's bytes, and with `follow` what is added to it. The first error comes before anything is written.
  std::expected<void, FileError> check_readable(const std::string& path) const;
  void follow_file(const std::string& path, const FollowOptions& options, net::StreamWriter& writer) const;

  /// The same over a task's rotated output; `type` is "stdout" or "stderr".
  void follow_logs(const std::string& task, const std::string& type, const FollowOptions& options, LogRotator& rotator,
                   net::StreamWriter& writer) const;

 private:
  /// S_IFDIR or S_IFREG: open for reading, and refused when it is anything else; 0: whatever it is, to look at only.
  std::expected<int, FileError> open(const std::string& path, mode_t kind) const;

  std::string root_;
};

}  // namespace orch::client

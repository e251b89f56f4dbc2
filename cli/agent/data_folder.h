// The agent's data folder: made when it is missing, checked, and held by one agent at a time.
//
// The lock is the kernel's (flock on DATA/agent.lock), so an agent that was killed leaves none behind; where it lingers
// for a moment, the next agent waits for it. The file holds the process id of the holder, for the message that a second
// agent gets.
#pragma once

#include <expected>
#include <string>

namespace orch {

class DataFolder {
 public:
  /// Takes `path`; empty: a new temporary folder, which is removed at the end. The error is for the operator.
  static std::expected<DataFolder, std::string> take(const std::string& path);

  DataFolder(DataFolder&& other) noexcept;
  DataFolder& operator=(DataFolder&& other) noexcept;
  ~DataFolder();

  const std::string& path() const { return path_; }  ///< absolute
  bool temporary() const { return temporary_; }

 private:
  DataFolder(std::string path, bool temporary, int lock) : path_(std::move(path)), temporary_(temporary), lock_(lock) {}

  std::string path_;
  bool temporary_ = false;
  int lock_ = -1;
};

}  // namespace orch

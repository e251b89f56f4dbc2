#include "cli/agent/data_folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "core/base/assert.h"
#include "core/base/format.h"

namespace orch {
namespace {

namespace fs = std::filesystem;

std::unexpected<std::string> unusable(const std::string& path, const std::string& reason) {
  return std::unexpected(
      fmt::format("cannot use the data folder {}: {}; make it writable for user {}, or name another one with -data-dir",
                  path, reason, ::geteuid()));
}

std::string holder(int lock) {
  char text[32] = {};
  const ssize_t n = ::pread(lock, text, sizeof text - 1, 0);
  std::string pid(text, n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!pid.empty() && pid.back() == '\n') pid.pop_back();
  return pid.empty() ? "another process" : "the agent with process id " + pid;
}

}  // namespace

std::expected<DataFolder, std::string> DataFolder::take(const std::string& given) {
  std::string path = given;
  if (given.empty()) {
    path = (fs::temp_directory_path() / "orch-dev-XXXXXX").string();
    if (::mkdtemp(path.data()) == nullptr) return unusable(path, std::strerror(errno));
  }
  std::error_code error;
  path = fs::absolute(path, error).lexically_normal().string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  fs::create_directories(path, error);
  if (error) return unusable(path, error.message());

  const int lock = ::open((path + "/agent.lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0) return unusable(path, std::strerror(errno));
  ORCH_ASSERT(path.starts_with('/'), "the folder is found wherever the agent goes");
  DataFolder folder(path, given.empty(), lock);
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return unusable(path, std::string("lock it: ") + std::strerror(errno));
    return std::unexpected(
        fmt::format("the data folder {} is in use by {}; stop that one first, or give this agent a folder of its own "
                    "with -data-dir",
                    path, holder(lock)));
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(lock, 0) != 0 || ::pwrite(lock, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size())) {
    return unusable(path, std::strerror(errno));
  }
  return folder;
}

DataFolder::DataFolder(DataFolder&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, false)),
      lock_(std::exchange(other.lock_, -1)) {}

DataFolder& DataFolder::operator=(DataFolder&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(lock_, other.lock_);
  return *this;
}

DataFolder::~DataFolder() {
  if (temporary_) {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  if (lock_ >= 0) ::close(lock_);
}

}  // namespace orch

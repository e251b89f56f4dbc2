#include "cli/agent/data_folder.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>
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

/// The process id that the lock's file names; 0: none.
pid_t holder(int lock) {
  char text[32] = {};
  const ssize_t n = ::pread(lock, text, sizeof text - 1, 0);
  pid_t pid = 0;
  if (n > 0) std::from_chars(text, text + n, pid);
  return pid > 0 ? pid : 0;
}

// A killed agent's lock may outlive it for a moment: a child that it had just forked holds it until it becomes the
// program it was forked for, and the kernel closes a dying process's files when it gets to it.
constexpr auto lock_outlives_holder = std::chrono::seconds(5);

/// Takes the lock; waits for it only while its holder is gone already. An errno otherwise.
int take_lock(int lock) {
  const auto end = std::chrono::steady_clock::now() + lock_outlives_holder;
  while (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const int error = errno;
    const pid_t pid = holder(lock);
    const bool gone = pid != 0 && ::kill(pid, 0) != 0 && errno == ESRCH;
    if (error != EWOULDBLOCK || !gone || std::chrono::steady_clock::now() > end) return error;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return 0;
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
  if (const int refused = take_lock(lock); refused != 0) {
    if (refused != EWOULDBLOCK) return unusable(path, std::string("lock it: ") + std::strerror(refused));
    const pid_t pid = holder(lock);
    return std::unexpected(
        fmt::format("the data folder {} is in use by {}; stop that one first, or give this agent a folder of its own "
                    "with -data-dir",
                    path, pid == 0 ? "another process" : fmt::format("the agent with process id {}", pid)));
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

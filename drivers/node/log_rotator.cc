#include "drivers/node/log_rotator.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>

namespace orch::client {
namespace {

constexpr std::uint64_t block = 4096;

std::string file_name(const std::string& stem, std::uint64_t number) { return stem + "." + std::to_string(number); }

/// Copies `size` bytes from the start of one file to the end of another; answers whether all came over.
bool copy_bytes(int from, std::uint64_t start, int to, std::uint64_t size) {
  auto offset = static_cast<off_t>(start);
  std::vector<char> buffer(256 << 10);
  while (size > 0) {
    const ssize_t n = ::pread(from, buffer.data(), std::min<std::uint64_t>(buffer.size(), size), offset);
    if (n <= 0) return false;
    for (ssize_t done = 0; done < n;) {
      const ssize_t written = ::write(to, buffer.data() + done, static_cast<std::size_t>(n - done));
      if (written <= 0) return false;
      done += written;
    }
    offset += n;
    size -= static_cast<std::uint64_t>(n);
  }
  return true;
}

std::uint64_t size_of(int fd) {
  struct stat info {};
  return ::fstat(fd, &info) == 0 ? static_cast<std::uint64_t>(info.st_size) : 0;
}

}  // namespace

std::vector<LogFile> list_log_files(const std::string& stem) {
  std::vector<LogFile> files;
  const std::size_t slash = stem.rfind('/');
  const std::string folder = stem.substr(0, slash), prefix = stem.substr(slash + 1) + ".";
  DIR* dir = ::opendir(folder.c_str());
  if (dir == nullptr) return files;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string_view name = entry->d_name;
    if (!name.starts_with(prefix)) continue;
    LogFile file;
    const char* end = name.data() + name.size();
    const auto [at, error] = std::from_chars(name.data() + prefix.size(), end, file.number);
    struct stat info {};
    if (error != std::errc() || at != end) continue;
    if (::fstatat(::dirfd(dir), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(info.st_mode)) continue;
    file.size = static_cast<std::uint64_t>(info.st_size);
    files.push_back(file);
  }
  ::closedir(dir);
  std::sort(files.begin(), files.end(), [](const LogFile& a, const LogFile& b) { return a.number < b.number; });
  return files;
}

LogRotator::LogRotator(Duration look_every) : look_every_(look_every), thread_([this] { run(); }) {}

LogRotator::~LogRotator() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  thread_.join();
}

std::string LogRotator::add(const std::string& stem, std::uint64_t max_file_bytes, std::uint32_t max_files) {
  std::lock_guard lock(mutex_);
  std::unique_lock files(files_mutex_);
  ::unlink((stem + ".rotating").c_str());
  const std::vector<LogFile> present = list_log_files(stem);
  const std::string active = file_name(stem, present.empty() ? 0 : present.back().number);
  if (const int fd = ::open(active.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0644); fd >= 0) {
    ::fchmod(fd, 0644);  // whatever the umask is
    ::close(fd);
  }
  streams_[stem] = {std::max<std::uint64_t>(max_file_bytes, block), std::max<std::uint32_t>(max_files, 1)};
  return active;
}

void LogRotator::remove(const std::string& stem) {
  std::lock_guard lock(mutex_);
  streams_.erase(stem);
}

void LogRotator::look() {
  std::lock_guard lock(mutex_);
  for (const auto& [stem, limits] : streams_) {
    const std::vector<LogFile> files = list_log_files(stem);
    if (!files.empty() && files.back().size > limits.max_file_bytes) rotate(stem, limits);
  }
}

void LogRotator::rotate(const std::string& stem, const Limits& limits) {
  std::unique_lock lock(files_mutex_);
  for (;;) {
    std::vector<LogFile> files = list_log_files(stem);
    if (files.empty() || files.back().size <= limits.max_file_bytes) break;
    const std::uint64_t number = files.back().number;
    const std::string active = file_name(stem, number), next = file_name(stem, number + 1);
    const std::string copy = stem + ".rotating";
    const int from = ::open(active.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    const int to = from < 0 ? -1 : ::open(copy.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0644);
    const std::uint64_t chunk = limits.max_file_bytes / block * block;
    // In this order a kill at any point leaves every byte in at least one file that keeps its position in the sequence.
    bool good = from >= 0 && to >= 0 && copy_bytes(from, 0, to, chunk);
    if (!good) ::unlink(copy.c_str());
    if (good && (::rename(active.c_str(), next.c_str()) != 0 || ::rename(copy.c_str(), active.c_str()) != 0))
      good = false;
    if (good && ::fallocate(from, FALLOC_FL_COLLAPSE_RANGE, 0, static_cast<off_t>(chunk)) != 0) {
      // No collapsing here: the rest goes into the copy too, and the file starts over.
      std::uint64_t copied = chunk;
      for (std::uint64_t size = size_of(from); good && copied < size; size = size_of(from)) {
        good = copy_bytes(from, copied, to, size - copied);
        copied = size;
      }
      if (good) good = ::ftruncate(from, 0) == 0;
      if (!good) ::unlink(active.c_str());  // the next file still holds all of it
    }
    if (from >= 0) ::close(from);
    if (to >= 0) ::close(to);
    if (!good) break;  // a full disk, most likely: the task writes on, the next look tries again
    files = list_log_files(stem);
    for (std::size_t i = 0; i + limits.max_files < files.size(); ++i) {
      ::unlink(file_name(stem, files[i].number).c_str());
    }
  }
}

void LogRotator::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      if (wake_.wait_for(lock, std::chrono::nanoseconds(look_every_.ns), [this] { return stopping_; })) return;
    }
    look();
  }
}

}  // namespace orch::client

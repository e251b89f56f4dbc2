#include "projections/files/durable_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

#include "core/base/assert.h"

namespace orch {
namespace {

// What errno says, before anything else changes it.
std::error_code last_error() { return {errno, std::system_category()}; }

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }
  /// A file system over a network says only here that it had no room.
  bool close() { return ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

std::error_code write_and_flush(const std::string& path, std::string_view content, unsigned mode) {
  Descriptor file(::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode));
  if (!file.is_open()) return last_error();
  while (!content.empty()) {
    const ssize_t wrote = ::write(file.number(), content.data(), content.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return last_error();
    if (wrote == 0) return {ENOSPC, std::system_category()};
    content.remove_prefix(static_cast<std::size_t>(wrote));
  }
  if (::fsync(file.number()) != 0 || !file.close()) return last_error();
  return {};
}

// A name is durable once its folder is.
std::error_code flush_folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  const Descriptor opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.is_open()) return last_error();
  // Some file systems have nothing to flush there, and say EINVAL.
  if (::fsync(opened.number()) != 0 && errno != EINVAL) return last_error();
  return {};
}

}  // namespace

std::expected<void, std::error_code> write_file_durably(const std::string& path, std::string_view content,
                                                        unsigned mode) {
  ORCH_ASSERT(!path.empty() && path.back() != '/', "a file that is written has a name");
  const std::string beside = path + unfinished_suffix;
  std::error_code problem = write_and_flush(beside, content, mode);
  if (!problem && ::rename(beside.c_str(), path.c_str()) != 0) problem = last_error();
  if (problem) {
    ::unlink(beside.c_str());
    return std::unexpected(problem);
  }
  problem = flush_folder_of(path);
  if (problem) return std::unexpected(problem);
  return {};
}

}  // namespace orch

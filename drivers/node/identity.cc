#include "drivers/node/identity.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/assert.h"

namespace orch::client {
namespace {

std::string problem(const std::string& doing, const std::string& path) {
  return doing + " " + path + ": " + strerror(errno);
}

bool is_uuid(const std::string& text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const bool digit = (text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f');
    if (dash ? text[i] != '-' : !digit) return false;
  }
  return true;
}

std::expected<std::string, std::string> load_or_make(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0) {
    const std::string made = random_uuid();
    if (auto written = write_file_durably(path, made + "\n", 0600); !written) return std::unexpected(written.error());
    return made;
  }
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  if (!file || !is_uuid(text)) {
    return std::unexpected(path + ": expected a UUID; restore the file, or remove it to join as a new node");
  }
  return text;
}

}  // namespace

std::string random_uuid() {
  unsigned char bytes[16];
  ORCH_ASSERT(::getrandom(bytes, sizeof bytes, 0) == sizeof bytes, "the kernel hands out random bytes");
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (int i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += digits[bytes[i] >> 4];
    text += digits[bytes[i] & 15];
  }
  return text;
}

std::expected<void, std::string> write_file_durably(const std::string& path, const std::string& content,
                                                    unsigned mode) {
  const std::string temporary = path + ".tmp";
  const int fd = ::open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, mode);
  if (fd < 0) return std::unexpected(problem("create", temporary));
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t n = ::write(fd, content.data() + done, content.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) break;
    done += static_cast<std::size_t>(n);
  }
  if (done < content.size() || ::fsync(fd) != 0) {
    std::string text = problem("write", temporary);
    ::close(fd);
    return std::unexpected(std::move(text));
  }
  ::close(fd);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return std::unexpected(problem("rename to", path));
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  if (const int dir = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); dir >= 0) {
    ::fsync(dir);
    ::close(dir);
  }
  return {};
}

std::expected<Identity, std::string> load_identity(const std::string& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) return std::unexpected("create folder " + folder + ": " + failed.message());
  auto id = load_or_make(folder + "/node-id");
  if (!id) return std::unexpected(id.error());
  auto secret = load_or_make(folder + "/secret-id");
  if (!secret) return std::unexpected(secret.error());
  return Identity{std::move(*id), std::move(*secret)};
}

}  // namespace orch::client

#include "drivers/node/alloc_dir.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include <cstdint>
#include <filesystem>

namespace orch::client {
namespace {

/// Makes one folder with exactly this mode, whatever the umask is. Tasks may run as any user, hence 0777 for most.
std::expected<void, std::string> make(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) != 0) {
    if (errno != EEXIST) return std::unexpected("create folder " + path + ": " + strerror(errno));
    struct stat info;
    if (::lstat(path.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
      return std::unexpected("create folder " + path + ": something that is no folder is in the way");
    }
    return {};
  }
  if (::chmod(path.c_str(), mode) != 0) return std::unexpected("set mode of " + path + ": " + strerror(errno));
  return {};
}

}  // namespace

bool has_no_room(const std::string& folder) {
  struct statvfs info {};
  return ::statvfs(folder.c_str(), &info) == 0 && std::uint64_t{info.f_bavail} * info.f_frsize < (1u << 20);
}

AllocDir::AllocDir(const std::string& root, const std::string& alloc_id) : path_(root + "/" + alloc_id) {}

std::string AllocDir::name_problem(const std::string& name) {
  if (name.empty()) return "a name must not be empty";
  if (name.size() > 128) return "a name must have at most 128 bytes";
  if (name == "." || name == "..") return "\"" + name + "\" cannot be a name";
  if (name == "alloc") return "\"alloc\" is the name of the shared folder";
  for (const char c : name) {
    if (c == '/' || c == '\\' || c == '\0') return "a name must not contain slashes or NUL";
  }
  return "";
}

std::expected<void, std::string> AllocDir::build() {
  const std::string root = path_.substr(0, path_.rfind('/'));
  if (has_no_room(root))
    return std::unexpected("build the allocation's folders in " + root + ": No space left on device");
  for (const char* sub : {"", "/alloc", "/alloc/data", "/alloc/logs", "/alloc/tmp"}) {
    if (auto made = make(path_ + sub, *sub == 0 ? 0755 : 0777); !made) return made;
  }
  return {};
}

std::expected<void, std::string> AllocDir::build_task(const std::string& name) {
  if (std::string problem = name_problem(name); !problem.empty()) return std::unexpected("task: " + problem);
  if (auto made = make(task(name), 0777); !made) return made;
  if (auto made = make(local(name), 0777); !made) return made;
  if (auto made = make(task(name) + "/tmp", 0777); !made) return made;
  return make(secrets(name), 0700);
}

std::expected<void, std::string> AllocDir::destroy() {
  std::error_code error;
  std::filesystem::remove_all(path_, error);
  if (error) return std::unexpected("remove " + path_ + ": " + error.message());
  return {};
}

}  // namespace orch::client

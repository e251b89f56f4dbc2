#include "drivers/node/alloc_dir.h"

#include <sys/statvfs.h>

#include <cstdint>

#include "drivers/files/folder.h"

namespace orch::client {
namespace {

/// The folder <allocation>/<path>/<name>. Tasks may run as any user, hence 0777 for most.
std::expected<void, std::string> make(const files::Folder& allocation, const std::string& path, const std::string& name,
                                      mode_t mode) {
  auto made = allocation.make_folder(path, name, mode);
  if (!made) return std::unexpected("create folder " + (path == "." ? "" : path + "/") + made.error().text);
  return {};
}

std::expected<files::Folder, std::string> opened(const std::string& path, const std::string& doing) {
  auto folder = files::Folder::at(path);
  if (!folder) return std::unexpected(doing + folder.error().text);
  return std::move(*folder);
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
  auto all = opened(root, "create folder " + path_ + ": ");
  if (!all) return std::unexpected(all.error());
  const std::string id = path_.substr(root.size() + 1);
  if (auto made = make(*all, ".", id, 0755); !made) return made;
  auto allocation = all->folder(id);
  if (!allocation) return std::unexpected("create folder " + allocation.error().text);
  if (auto made = make(*allocation, ".", "alloc", 0777); !made) return made;
  for (const char* sub : {"data", "logs", "tmp"}) {
    if (auto made = make(*allocation, "alloc", sub, 0777); !made) return made;
  }
  return {};
}

std::expected<void, std::string> AllocDir::build_task(const std::string& name) {
  if (std::string problem = name_problem(name); !problem.empty()) return std::unexpected("task: " + problem);
  auto allocation = opened(path_, "create folder of task " + name + ": ");
  if (!allocation) return std::unexpected(allocation.error());
  if (auto made = make(*allocation, ".", name, 0777); !made) return made;
  if (auto made = make(*allocation, name, "local", 0777); !made) return made;
  if (auto made = make(*allocation, name, "tmp", 0777); !made) return made;
  return make(*allocation, name, "secrets", 0700);
}

std::expected<void, std::string> AllocDir::destroy() {
  const std::size_t slash = path_.rfind('/');
  auto all = files::Folder::at(path_.substr(0, slash));
  if (!all && all.error().kind == files::Problem::Kind::missing) return {};
  auto removed = all ? all->remove_tree(path_.substr(slash + 1)) : std::unexpected(all.error());
  if (!removed) return std::unexpected("remove " + path_ + ": " + removed.error().text);
  return {};
}

}  // namespace orch::client

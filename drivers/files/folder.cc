#include "drivers/files/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

#include "core/base/assert.h"

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

namespace orch::files {
namespace {

using Kind = Problem::Kind;

constexpr int most_tries = 100;  // against somebody who makes names as fast as we do

std::unexpected<Problem> failed(const std::string& path, int code) {
  if (code == ENOSYS)
    return std::unexpected(
        Problem{Kind::failed, path + ": this kernel has no openat2; Linux 5.6 or later is needed", code});
  if (code == EXDEV || code == ELOOP)
    return std::unexpected(Problem{Kind::escapes, path + ": leads through a link, or out of its folder", code});
  return std::unexpected(Problem{code == ENOENT ? Kind::missing : Kind::failed, path + ": " + ::strerror(code), code});
}

std::unexpected<Problem> occupied(const std::string& path, const std::string& by) {
  return std::unexpected(Problem{Kind::occupied, path + ": " + by + " is in the way"});
}

bool is_single(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

Result<Descriptor> resolve(int root, const std::string& path, int flags, Links links) {
  if (path.find('\0') != std::string::npos)
    return std::unexpected(Problem{Kind::escapes, "a path must not contain NUL"});
  struct open_how how {};
  how.flags = static_cast<std::uint64_t>(flags) | O_CLOEXEC;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  if (links == Links::none) {
    how.flags |= O_NOFOLLOW;
    how.resolve |= RESOLVE_NO_SYMLINKS;
  }
  for (int tries = 0;; ++tries) {
    const long fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0) return Descriptor(static_cast<int>(fd));
    // EAGAIN: somebody renamed something while the kernel was on its way.
    if ((errno != EAGAIN && errno != EINTR) || tries == most_tries) return failed(path, errno);
  }
}

/// A name that no other thread of this process uses now, and that a task has no reason to.
std::string fresh(const std::string& stem) {
  static std::atomic<unsigned> next{0};
  return stem + "." + std::to_string(::getpid()) + "-" + std::to_string(next.fetch_add(1));
}

bool is_not_empty(int code) { return code == ENOTEMPTY || code == EEXIST; }

int rename_to_free(int from, const char* name, int to, const char* target) {
  return static_cast<int>(::syscall(SYS_renameat2, from, name, to, target, RENAME_NOREPLACE));
}

}  // namespace

std::string kind_of(mode_t mode) {
  if (S_ISLNK(mode)) return "a symbolic link";
  if (S_ISFIFO(mode)) return "a named pipe";
  if (S_ISDIR(mode)) return "a folder";
  if (S_ISSOCK(mode)) return "a socket";
  if (S_ISCHR(mode) || S_ISBLK(mode)) return "a device";
  return "a file";
}

Result<Descriptor> reopen(const Descriptor& seen, int access) {
  // O_NONBLOCK is for leases, which the opening would wait for; no reads or writes differ by it.
  const std::string path = "/proc/self/fd/" + std::to_string(seen.get());
  Descriptor file(::open(path.c_str(), access | O_NONBLOCK | O_CLOEXEC));
  if (!file) return failed(path, errno);
  ::fcntl(file.get(), F_SETFL, access & O_APPEND);
  return file;
}

Result<Folder> Folder::at(const std::string& trusted_path) {
  Descriptor self(::open(trusted_path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!self) return failed(trusted_path, errno);
  return Folder(std::move(self));
}

Result<Folder> Folder::folder(const std::string& path, Links links) const {
  auto there = resolve(self_.get(), path, O_RDONLY | O_DIRECTORY | O_NONBLOCK, links);
  if (there) return Folder(std::move(*there));
  // O_DIRECTORY looks before it opens: what is no folder is not touched.
  if (there.error().code == ENOTDIR) return std::unexpected(Problem{Kind::occupied, path + ": is no folder", ENOTDIR});
  return std::unexpected(there.error());
}

Result<Descriptor> Folder::look(const std::string& path, Links links) const {
  return resolve(self_.get(), path, O_PATH, links);
}

Result<Descriptor> Folder::open(const std::string& path, int access, Links links) const {
  ORCH_ASSERT((access & (O_CREAT | O_TRUNC)) == 0, "what is there is opened as it is");
  const auto seen = look(path, links);
  if (!seen) return std::unexpected(seen.error());
  struct stat info {};
  if (::fstat(seen->get(), &info) != 0) return failed(path, errno);
  if (!S_ISREG(info.st_mode)) return occupied(path, kind_of(info.st_mode));
  if ((access & O_ACCMODE) != O_RDONLY && info.st_nlink != 1) return occupied(path, "a file that has other names too");
  auto file = reopen(*seen, access);
  if (!file) return failed(path, file.error().code);
  return file;
}

Result<Descriptor> Folder::create(const std::string& name, mode_t mode) const {
  ORCH_ASSERT(is_single(name), "a file is made by its name in its folder");
  Descriptor file(
      ::openat(self_.get(), name.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) {
    if (errno == EEXIST) return std::unexpected(Problem{Kind::occupied, name + ": something is in the way", EEXIST});
    return failed(name, errno);
  }
  if (::fchmod(file.get(), mode) != 0) return failed(name, errno);  // whatever the umask is
  return file;
}

Result<void> Folder::make_folder(const std::string& path, const std::string& name, mode_t mode) const {
  ORCH_ASSERT(is_single(name), "a folder is made by its name in its parent");
  auto parent = folder(path);
  if (!parent) return std::unexpected(parent.error());
  if (auto there = parent->folder(name); there)
    return {};
  else if (there.error().kind != Kind::missing)
    return std::unexpected(there.error());
  const std::string made = fresh(".making");
  if (::mkdirat(self_.get(), made.c_str(), 0700) != 0) return failed(name, errno);
  auto self = folder(made);
  if (!self) return std::unexpected(self.error());
  if (::fchmod(self->descriptor(), mode) != 0 ||
      rename_to_free(self_.get(), made.c_str(), parent->descriptor(), name.c_str()) != 0) {
    const int code = errno;
    ::unlinkat(self_.get(), made.c_str(), AT_REMOVEDIR);
    if (code != EEXIST) return failed(name, code);
    // Somebody was faster; a folder of theirs is as good.
    if (auto theirs = parent->folder(name); !theirs) return std::unexpected(theirs.error());
  }
  return {};
}

Result<void> Folder::rename(const std::string& from, const std::string& to) const {
  ORCH_ASSERT(is_single(from) && is_single(to), "a file is renamed within its folder");
  if (::renameat(self_.get(), from.c_str(), self_.get(), to.c_str()) != 0) return failed(from, errno);
  return {};
}

Result<void> Folder::remove(const std::string& name) const {
  ORCH_ASSERT(is_single(name), "a file is removed by its name in its folder");
  if (::unlinkat(self_.get(), name.c_str(), 0) != 0 && errno != ENOENT) return failed(name, errno);
  return {};
}

Result<void> Folder::clear(const std::string& name) const {
  const auto removed = remove(name);
  if (removed || (removed.error().code != EISDIR && removed.error().code != EPERM)) return removed;
  for (int i = 0; i < most_tries; ++i) {
    const std::string aside = name + ".aside." + std::to_string(i);
    if (rename_to_free(self_.get(), name.c_str(), self_.get(), aside.c_str()) == 0 || errno == ENOENT) return {};
    if (errno != EEXIST) return failed(name, errno);
  }
  return failed(name, EEXIST);
}

Result<void> Folder::remove_tree(const std::string& name) const {
  if (remove(name)) return {};  // no folder, or gone
  for (int tries = 0; ::unlinkat(self_.get(), name.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT; ++tries) {
    if (!is_not_empty(errno) || tries == most_tries) return failed(name, errno);
    auto top = folder(name);
    if (!top) return std::unexpected(top.error());
    if (auto emptied = top->empty(); !emptied) return emptied;
  }
  return {};
}

// Folders within folders are moved up here before they are emptied, so no path gets long and nothing recurses.
Result<void> Folder::empty() const {
  auto left = names();
  if (!left) return std::unexpected(left.error());
  while (!left->empty()) {
    const std::string next = std::move(left->back());
    left->pop_back();
    if (remove(next)) continue;
    for (int tries = 0; ::unlinkat(self_.get(), next.c_str(), AT_REMOVEDIR) != 0 && errno != ENOENT; ++tries) {
      if (!is_not_empty(errno) || tries == most_tries) return failed(next, errno);
      auto inside = folder(next);
      if (!inside) return std::unexpected(inside.error());
      auto entries = inside->names();
      if (!entries) return std::unexpected(entries.error());
      for (const std::string& entry : *entries) {
        if (inside->remove(entry)) continue;
        if (::unlinkat(inside->descriptor(), entry.c_str(), AT_REMOVEDIR) == 0 || errno == ENOENT) continue;
        if (!is_not_empty(errno)) return failed(entry, errno);
        const std::string up = fresh(".removing");
        if (rename_to_free(inside->descriptor(), entry.c_str(), self_.get(), up.c_str()) == 0) {
          left->push_back(up);
        } else if (errno != ENOENT) {
          return failed(entry, errno);
        }
      }
    }
  }
  return {};
}

Result<std::vector<std::string>> Folder::names() const {
  // A descriptor of its own: the position in a folder belongs to the open file.
  const int again = ::openat(self_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* dir = again < 0 ? nullptr : ::fdopendir(again);
  if (dir == nullptr) {
    const int code = errno;
    if (again >= 0) ::close(again);
    return failed(".", code);
  }
  std::vector<std::string> found;
  while (const dirent* entry = ::readdir(dir)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") found.push_back(name);
  }
  ::closedir(dir);
  return found;
}

Result<struct stat> Folder::about(const std::string& name) const {
  ORCH_ASSERT(is_single(name), "an entry is looked at by its name");
  struct stat info {};
  if (::fstatat(self_.get(), name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0) return failed(name, errno);
  return info;
}

}  // namespace orch::files

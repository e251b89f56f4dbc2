#include "drivers/files/output_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

namespace orch::files {
namespace {

using Kind = Problem::Kind;

/// Why the file can't be this owner's; empty when it is, or has become.
std::string not_theirs(int file, const Owner& owner) {
  struct stat info {};
  if (::fstat(file, &info) != 0) return ::strerror(errno);
  if (info.st_uid == owner.uid) return "";
  // Of the agent's own only what holds nothing is given away: what a task has moved here may hold what it must not see.
  if (info.st_uid != ::geteuid() || info.st_size != 0) return "a file of another user's is in the way";
  (void)!::fchown(file, owner.uid, owner.gid);
  return "";
}

}  // namespace

Result<OutputFile> take_output(const Folder& root, const std::string& path, std::optional<Owner> owner) {
  const std::size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  if (name.empty() || name == "." || name == ".." || name.find('\0') != std::string::npos)
    return std::unexpected(Problem{Kind::escapes, "\"" + name + "\" is no name of a file"});
  auto folder = root.folder(slash == std::string::npos ? "." : path.substr(0, slash));
  if (!folder) return std::unexpected(folder.error());
  std::string notice;
  Problem last{Kind::failed, ""};
  for (int tries = 0; tries < 10; ++tries) {  // a task may put something there again and again
    auto file = folder->open(name, O_RDWR | O_APPEND);
    if (!file && file.error().kind == Kind::missing) {
      file = folder->create(name, 0644);
      if (file && owner) (void)!::fchown(file->get(), owner->uid, owner->gid);
      if (file) return OutputFile{std::move(*file), notice};
    }
    if (file && owner) {
      if (std::string why = not_theirs(file->get(), *owner); !why.empty())
        file = std::unexpected(Problem{Kind::occupied, name + ": " + why});
    }
    if (file) return OutputFile{std::move(*file), notice};
    last = file.error();
    if (last.kind != Kind::occupied && last.kind != Kind::escapes) break;
    if (last.code != EEXIST) notice = last.text + "; it was replaced";
    if (auto cleared = folder->clear(name); !cleared) return std::unexpected(cleared.error());
  }
  return std::unexpected(last);
}

Result<OutputFile> take_output(const std::string& root, const std::string& path, std::optional<Owner> owner) {
  if (!path.starts_with(root + "/"))
    return std::unexpected(Problem{Kind::escapes, "\"" + path + "\" is not below \"" + root + "\""});
  auto folder = Folder::at(root);
  if (!folder) return std::unexpected(folder.error());
  return take_output(*folder, path.substr(root.size() + 1), owner);
}

}  // namespace orch::files

// Files below a folder that somebody else can write, a task above all, while the agent is root.
//
// Such a folder can hold anything at any moment: symbolic and hard links to files of the host, pipes that nobody reads,
// device nodes, folders where files are expected, trees deeper than there are descriptors. Everything that the agent
// opens, makes, renames or removes there goes through this class, and so
//   - a path is resolved by the kernel beneath the folder (openat2) and goes through no link, or with Links::inside
//     through none that leads out; between check and use there is no moment in which it could change;
//   - what is not a regular file is never opened, only looked at (O_PATH): no open waits for a reader, a writer, or a
//     lease, or does to a device what opening does to it;
//   - a file that is written to has one name only, or it could be a file of the host's;
//   - what the agent makes is new (O_EXCL) and has its mode before it has its name.
// The folder that `at` opens is trusted: nobody but the agent's user can replace it. Where a `name` is asked
// for it is a single one, which is asserted. Needs Linux 5.6; where the kernel has no openat2 every call
// fails with a sentence that says so. Thread-safe; calls touch the disk, so no lock belongs around them that
// others than this folder's users need.
#pragma once

#include <sys/stat.h>

#include <expected>
#include <string>
#include <vector>

#include "drivers/files/descriptor.h"

namespace orch::files {

struct Problem {
  enum class Kind {
    missing,   ///< nothing has this name
    escapes,   ///< the path leaves the folder, or goes through a link where none may be
    occupied,  ///< something has the name that is not what was asked for: a link, a pipe, a folder, a second name
    failed,    ///< anything else, as the system says
  };
  Kind kind;
  std::string text;  ///< "t.stdout.0: a symbolic link is in the way"
  int code = 0;      ///< errno, where there is one
};

template <class T>
using Result = std::expected<T, Problem>;

enum class Links { none, inside };

class Folder {
 public:
  /// A path of the agent's own; links in it are the operator's and are followed.
  static Result<Folder> at(const std::string& trusted_path);

  Result<Folder> folder(const std::string& path, Links links = Links::none) const;
  /// Anything there is, to look at only (O_PATH).
  Result<Descriptor> look(const std::string& path, Links links) const;
  /// A regular file that exists; `access` is O_RDONLY, O_WRONLY or O_RDWR, with O_APPEND if wished. To be written to it
  /// must have one name only.
  Result<Descriptor> open(const std::string& path, int access, Links links = Links::none) const;

  /// A new file, open for reading and appending, with exactly this mode.
  Result<Descriptor> create(const std::string& name, mode_t mode) const;
  /// A folder below `path` ("." for this one), with exactly this mode when it is made now; one that is there stays as
  /// it is. It is made here first and then moved: this folder must not be one that others can write.
  Result<void> make_folder(const std::string& path, const std::string& name, mode_t mode) const;

  /// Replaces what has the new name, unless that is a folder.
  Result<void> rename(const std::string& from, const std::string& to) const;
  /// Anything but a folder; true also when there is nothing.
  Result<void> remove(const std::string& name) const;
  /// Makes room for a new file: a folder is renamed ("NAME.aside.N"), anything else removed.
  Result<void> clear(const std::string& name) const;
  /// A folder here and all below it. Follows no link, needs the same few descriptors however deep it is. True also when
  /// there is nothing.
  Result<void> remove_tree(const std::string& name) const;

  /// Names of all entries, in no order, without "." and "..".
  Result<std::vector<std::string>> names() const;
  /// Of the entry itself, were it a link.
  Result<struct stat> about(const std::string& name) const;

  int descriptor() const { return self_.get(); }

 private:
  Result<void> empty() const;

  explicit Folder(Descriptor self) : self_(std::move(self)) {}
  Descriptor self_;
};

/// The very file or folder that was looked at, open for use; it must be a regular file or a folder.
Result<Descriptor> reopen(const Descriptor& seen, int access);

/// "a symbolic link", "a named pipe", …
std::string kind_of(mode_t mode);

}  // namespace orch::files

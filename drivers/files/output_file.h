// A file of the agent's at a name below a folder that tasks can write: a task's log, what the agent notes beside it.
//
// When the name is held by anything else than the file that belongs there (a link, a pipe, a folder, a file with other
// names, a file of another user's), that is replaced: the agent's names are the agent's. What was in the way is told,
// so that the task's events can say so. Nothing waits, and no file that was there before changes hands.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "drivers/files/folder.h"

namespace orch::files {

struct Owner {
  uid_t uid = 0;
  gid_t gid = 0;
};

struct OutputFile {
  Descriptor file;     ///< for reading and appending
  std::string notice;  ///< "t.stdout.0: a symbolic link is in the way; it was replaced"; mostly empty
};

/// The file `path` beneath `root`, made when it is missing (mode 0644). With an owner it must be theirs: one that is
/// made now, or that is empty and the agent's, is given to them. Without, it may be anybody's. Where the agent may not
/// give files away, it stays the agent's.
Result<OutputFile> take_output(const Folder& root, const std::string& path, std::optional<Owner> owner);

/// The same by whole paths; `path` must begin with `root`.
Result<OutputFile> take_output(const std::string& root, const std::string& path, std::optional<Owner> owner);

}  // namespace orch::files

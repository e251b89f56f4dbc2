// The folders of one allocation on the node: what tasks share and what each has for itself.
//
//   <root>/<allocation id>/alloc/{data,logs,tmp}      shared by the group's tasks
//   <root>/<allocation id>/<task>/{local,secrets,tmp} one task's own; secrets is 0700
//
// Building is idempotent (a restarted agent builds over what is there). Names come from job files, so each is checked
// before it becomes a path: no '/', no NUL, neither "." nor "..", not "alloc". The allocation's
// own folder is the agent's alone (0755); all below may be changed by tasks, so it is reached through drivers/files.
// Not thread-safe per allocation.
#pragma once

#include <expected>
#include <string>

namespace orch::client {

/// True when so little is left on the folder's file system that a task could not even write a line (1 MiB).
bool has_no_room(const std::string& folder);

class AllocDir {
 public:
  /// `root` is the client's folder of all allocations. Touches nothing yet.
  AllocDir(const std::string& root, const std::string& alloc_id);

  /// Fails also when there is no room for what tasks write.
  std::expected<void, std::string> build();
  std::expected<void, std::string> build_task(const std::string& task);

  /// Removes the allocation's folder and all below it; never follows a symbolic link out of it. Idempotent.
  std::expected<void, std::string> destroy();

  const std::string& path() const { return path_; }
  std::string shared() const { return path_ + "/alloc"; }
  std::string logs() const { return path_ + "/alloc/logs"; }
  /// Below the allocation's folder, without the number; `type` is "stdout" or "stderr".
  static std::string log_stem(const std::string& task, const std::string& type) {
    return "alloc/logs/" + task + "." + type;
  }
  std::string task(const std::string& name) const { return path_ + "/" + name; }
  std::string local(const std::string& name) const { return path_ + "/" + name + "/local"; }
  std::string secrets(const std::string& name) const { return path_ + "/" + name + "/secrets"; }

  /// Why a text cannot be the name of a folder here; empty when it can.
  static std::string name_problem(const std::string& name);

 private:
  std::string path_;
};

}  // namespace orch::client

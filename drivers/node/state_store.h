// What the node must not forget when the agent is killed: per allocation the server's JSON, the runner's
// state, and which report the servers took last.
//
// An LMDB environment in the client's data folder. Each put is one transaction, whole or not at all. Commits are not
// flushed one by one: a killed process loses nothing, since the pages are the kernel's; only a power loss could, and
// after that no task of ours runs any more. So the store remembers the machine's boot id while it is in use, and one
// that a reboot caught open is started afresh instead of trusted (the server still has every allocation).
// Thread-safe. One StateStore per folder per machine.
#pragma once

#include <expected>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace orch::client {

class StateStore {
 public:
  static std::expected<std::unique_ptr<StateStore>, std::string> open(const std::string& folder);
  ~StateStore();

  struct Entry {
    std::string alloc_id;
    std::string allocation;  ///< JSON as the server sent it
    std::string run;         ///< the runner's own JSON; empty when it has not got that far
    std::string taken;       ///< mark of the last report that the servers took
  };
  std::expected<std::vector<Entry>, std::string> load() const;

  std::expected<void, std::string> put_allocation(const std::string& alloc_id, const std::string& json);
  std::expected<void, std::string> put_run(const std::string& alloc_id, const std::string& json);
  /// Allocation → mark; of allocations that are not here (any more) nothing is noted.
  std::expected<void, std::string> put_taken(const std::map<std::string, std::string>& marks);
  std::expected<void, std::string> remove(const std::string& alloc_id);

  /// True when what was there had to be dropped, because the machine went down while it was open.
  bool was_dropped() const { return dropped_; }

 private:
  StateStore() = default;
  struct Impl;
  std::unique_ptr<Impl> impl_;
  bool dropped_ = false;
};

}  // namespace orch::client

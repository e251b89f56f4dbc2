// What other threads may know of the node's allocations without asking the mailbox: a table of copies.
//
// The mailbox's thread writes a row whenever an allocation changes, so a row may lag behind it by a moment. Questions
// of the HTTP interface are answered from here and so never wait for a busy mailbox.
//
// Threads: any; one lock, held for a copy only.
#pragma once

#include <cstddef>
#include <expected>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/runner/task_driver.h"

namespace orch::client {

class AllocationTable {
 public:
  /// Task → its driver and handle, of tasks that have been started.
  using Handles = std::map<std::string, std::pair<TaskDriver*, std::string>>;

  struct Row {
    std::string path, group;
    std::vector<std::string> tasks;
    bool finished = false;
    Handles handles;
  };

  void put(const std::string& id, Row row);
  void remove(const std::string& id);

  std::optional<Row> find(const std::string& id) const;
  /// True when the allocation's tasks have ended, or it is not here.
  bool is_finished(const std::string& id) const;

  struct Counts {
    std::size_t all = 0, running = 0;
  };
  Counts counts() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Row> rows_;
};

}  // namespace orch::client

// Tables in memory, for tests and the simulator. Single-threaded; a snapshot sees later commits.
#pragma once

#include <array>
#include <map>

#include "projections/table_port.h"

namespace orch {

class MemoryTableStore final : public TableStore {
 public:
  std::unique_ptr<ReadSnapshot> snapshot() const override;
  bool commit(LogIndex applied, std::span<const Change> changes) override;

  /// The next commits are refused for want of room.
  void refuse(bool refusing) { refusing_ = refusing; }

 private:
  class Snapshot;
  std::array<std::map<std::string, std::string, std::less<>>, table_count> tables_;
  LogIndex applied_ = 0;
  bool refusing_ = false;
};

}  // namespace orch

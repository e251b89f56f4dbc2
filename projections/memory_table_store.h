// Tables in memory, for tests and the simulator. Single-threaded; a snapshot sees later commits.
#pragma once

#include <array>
#include <map>

#include "projections/table_port.h"

namespace orch {

class MemoryTableStore final : public TableStore {
 public:
  std::unique_ptr<ReadSnapshot> snapshot() const override;
  void commit(LogIndex applied, std::span<const Change> changes) override;

 private:
  class Snapshot;
  std::array<std::map<std::string, std::string, std::less<>>, table_count> tables_;
  LogIndex applied_ = 0;
};

}  // namespace orch

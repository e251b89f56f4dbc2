#include "drivers/node/allocation_table.h"

namespace orch::client {

void AllocationTable::put(const std::string& id, Row row) {
  std::lock_guard lock(mutex_);
  rows_[id] = std::move(row);
}

void AllocationTable::remove(const std::string& id) {
  std::lock_guard lock(mutex_);
  rows_.erase(id);
}

std::optional<AllocationTable::Row> AllocationTable::find(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto at = rows_.find(id);
  if (at == rows_.end()) return std::nullopt;
  return at->second;
}

bool AllocationTable::is_finished(const std::string& id) const {
  std::lock_guard lock(mutex_);
  const auto at = rows_.find(id);
  return at == rows_.end() || at->second.finished;
}

AllocationTable::Counts AllocationTable::counts() const {
  std::lock_guard lock(mutex_);
  Counts counts;
  counts.all = rows_.size();
  for (const auto& [id, row] : rows_) counts.running += row.finished ? 0 : 1;
  return counts;
}

}  // namespace orch::client

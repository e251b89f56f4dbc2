#include "projections/memory_table_store.h"

#include <tuple>

#include "core/base/assert.h"

namespace orch {

class MemoryTableStore::Snapshot final : public ReadSnapshot {
 public:
  explicit Snapshot(const MemoryTableStore& store) : store_(store) {}

  LogIndex applied() const override { return store_.applied_; }

  std::optional<std::string_view> get(Table table, std::string_view key) const override {
    const auto& rows = store_.tables_[static_cast<std::size_t>(table)];
    auto it = rows.find(key);
    if (it == rows.end()) return {};
    return it->second;
  }

  std::optional<Row> at_or_after(Table table, std::string_view key) const override {
    const auto& rows = store_.tables_[static_cast<std::size_t>(table)];
    auto it = rows.lower_bound(key);
    if (it == rows.end()) return {};
    return Row{it->first, it->second};
  }

  std::optional<Row> at_or_before(Table table, std::string_view key) const override {
    const auto& rows = store_.tables_[static_cast<std::size_t>(table)];
    auto it = rows.upper_bound(key);
    if (it == rows.begin()) return {};
    --it;
    return Row{it->first, it->second};
  }

  void scan(Table table, std::string_view from, const std::function<bool(Row)>& visit) const override {
    const auto& rows = store_.tables_[static_cast<std::size_t>(table)];
    for (auto it = rows.lower_bound(from); it != rows.end(); ++it) {
      if (!visit({it->first, it->second})) return;
    }
  }

 private:
  const MemoryTableStore& store_;
};

std::unique_ptr<ReadSnapshot> MemoryTableStore::snapshot() const { return std::make_unique<Snapshot>(*this); }

bool MemoryTableStore::commit(LogIndex applied, std::span<const Change> changes) {
  if (refusing_) return false;
  ORCH_ASSERT(applied >= applied_, "rows are of later groups than those before");
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const Change& change = changes[i];
    ORCH_ASSERT(i == 0 || std::tie(changes[i - 1].table, changes[i - 1].key) < std::tie(change.table, change.key),
                "changes are sorted by table and key, of each key one");
    auto& rows = tables_[static_cast<std::size_t>(change.table)];
    if (change.erased) {
      if (auto it = rows.find(change.key); it != rows.end()) rows.erase(it);
    } else {
      rows.insert_or_assign(std::string(change.key), change.value);
    }
  }
  applied_ = applied;
  return true;
}

}  // namespace orch

// The table port: named, ordered tables of bytes, read in snapshots, written in one transaction per flush.
//
// Two adapters: memory (tests, simulator) and LMDB (projections/lmdb). Keys are compared as bytes, so numbers in keys
// are big-endian. A snapshot is one consistent instant; it may be opened and used on any thread and holds a read
// transaction as long as it lives: keep it short. One thread commits.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "core/log/log.h"

namespace orch {

/// What each holds is said in projections/rows.h. Numbers are part of the file format: append, never renumber.
enum class Table : std::uint8_t {
  meta,
  job_ids,
  jobs,
  job_versions,
  job_chunks,
  job_evaluations,
  job_deployments,
  chunks,
  evaluation_chunks,
  node_changes,
  allocation_desired,
  allocation_client,
  allocation_health,
  evaluations,
  deployments,
  nodes,
  node_ids,
  services,
  events,
  refusals,
};
inline constexpr std::size_t table_count = 20;

struct Row {
  std::string_view key, value;  ///< valid while the snapshot lives
};

class ReadSnapshot {
 public:
  virtual ~ReadSnapshot() = default;

  virtual LogIndex applied() const = 0;
  virtual std::optional<std::string_view> get(Table table, std::string_view key) const = 0;
  /// First row whose key is not below `key`.
  virtual std::optional<Row> at_or_after(Table table, std::string_view key) const = 0;
  /// Last row whose key is not above `key`.
  virtual std::optional<Row> at_or_before(Table table, std::string_view key) const = 0;
  /// Rows from `from` on, in order, until `visit` answers false.
  virtual void scan(Table table, std::string_view from, const std::function<bool(Row)>& visit) const = 0;
};

/// One change of a flush.
struct Change {
  Table table;
  bool erased;
  std::string_view key, value;
};

class TableStore {
 public:
  virtual ~TableStore() = default;

  virtual std::unique_ptr<ReadSnapshot> snapshot() const = 0;

  /// Applies the changes, sorted by table and key and without repeats, and sets the applied index, all or nothing.
  /// False when there was no room: nothing was changed, and the next commit may succeed.
  virtual bool commit(LogIndex applied, std::span<const Change> changes) = 0;
};

}  // namespace orch

// Tables in one LMDB file: the read models of a real agent.
//
// Commits are not flushed to the disk (the log is; rows come back from it), so the file is trusted only when it was
// closed cleanly or the machine has not been restarted since: a stamp beside it carries the boot id, and a file from
// before a power loss, of another log, of another format, or shorter than it says is deleted and built anew. Readers
// are pooled read transactions; any thread.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "projections/table_port.h"

namespace orch {

class LmdbTableStore final : public TableStore {
 public:
  struct Options {
    std::string log_id;   ///< rows of another log are of no use
    std::string boot_id;  ///< of the machine, from the kernel
    LogIndex log_head = ~LogIndex{0};  ///< rows of an index that the log does not have are of another history
    std::size_t map_size = std::size_t{256} << 30;
  };

  /// Opens the tables in `folder`, or makes empty ones when they can't be trusted.
  static std::expected<std::unique_ptr<LmdbTableStore>, std::string> open(const std::string& folder, Options options);
  ~LmdbTableStore() override;

  std::unique_ptr<ReadSnapshot> snapshot() const override;
  bool commit(LogIndex applied, std::span<const Change> changes) override;

 private:
  struct Impl;
  class Snapshot;
  explicit LmdbTableStore(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orch

// The embedded log: one LMDB file, one row per appended batch (several, in one transaction, for a batch of
// more than a gibibyte).
//
// A row's key is the batch's first index, its value the groups behind a small table of lengths and a checksum
// (batch_row.h), so that appending a thousand groups is one insertion at the end of the tree and one flush. A row that
// does not match its checksum, or leaves a gap before it, is `damaged` and named with file and index; no byte of it is
// handed out. A log of another format is refused when it is opened. The file is filled
// with zeros ahead of its end by a thread of its own, which spares each commit the file system's own bookkeeping. One
// process may hold a log (a file lock says so); `append` belongs to one thread, everything else to any.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "core/log/log.h"

namespace orch {

class LmdbLog final : public Log {
 public:
  struct Options {
    std::size_t map_size = std::size_t{256} << 30;  ///< address space, not disk
    bool read_only = false;                         ///< for `orch replay` beside a live agent
  };

  /// Opens or creates the log in `folder`.
  static std::expected<std::unique_ptr<LmdbLog>, LogError> open(const std::string& folder, Options options);
  static std::expected<std::unique_ptr<LmdbLog>, LogError> open(const std::string& folder) { return open(folder, {}); }
  ~LmdbLog() override;

  const std::string& id() const override;
  LogIndex head() const override;
  LogIndex oldest() const override;
  std::expected<LogIndex, LogError> append(std::span<const Bytes> groups) override;
  std::expected<void, LogError> read(LogIndex from, const Visitor& visit) const override;
  bool wait(LogIndex after, Duration timeout) const override;

 private:
  struct Impl;
  explicit LmdbLog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace orch

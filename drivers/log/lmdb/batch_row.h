// The bytes of one row of the log: a batch of groups behind a header and a table of lengths.
//
//   header    checksum (8 bytes) | "ORB" and the format (4) | count (4)
//   lengths   count × 4 bytes, filled up to a multiple of 8
//   groups    each at a multiple of 8, filled up with zeros
//
// The checksum is over everything behind it, and over the row's first index, so that neither a changed byte nor a row
// in another's place is taken for data. It is checked whenever a row is opened, in place of a verification of each
// group; that guards against a disk that lies, not against an enemy.
// A row that was opened is in order: its lengths fill it exactly, so reading it cannot leave it.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "core/log/log.h"

namespace orch {

/// Of rows, of the tables around them, and of the records within. A log of another format is refused, never converted.
inline constexpr std::uint32_t log_format = 3;

class BatchRow {
 public:
  /// How long a row of these groups is.
  static std::size_t size_of(std::span<const Bytes> groups);
  /// Makes `row` the row of these groups. Its memory is used again.
  static void fill(std::string& row, LogIndex first, std::span<const Bytes> groups);

  /// The error says, in half a sentence, what is wrong with the row. The bytes must outlive this.
  static std::expected<BatchRow, std::string> open(LogIndex first, std::string_view row);

  LogIndex first() const { return first_; }
  LogIndex last() const { return first_ + count_ - 1; }

  /// Calls `visit` for the groups from `from` on until it answers false; answers whether it never did.
  bool each(LogIndex from, const Log::Visitor& visit) const;

 private:
  BatchRow(LogIndex first, std::string_view row, std::uint32_t count) : first_(first), row_(row), count_(count) {}
  std::uint32_t length(std::uint32_t i) const;

  LogIndex first_;
  std::string_view row_;
  std::uint32_t count_;
};

}  // namespace orch

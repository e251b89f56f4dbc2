// The log port: the one ordered history that everything else is derived from.
//
// A log holds record groups, each with a dense index that starts at 1. What a group's bytes mean is not the log's
// business (see record.h). Three adapters stand behind this port and pass one conformance suite
// (tests/conformance/log): memory (core/log/memory_log.h), LMDB (drivers/log/lmdb), later Kafka.
//
// Invariants: indexes have no gaps; what `append` has answered is durable and is read back unchanged for ever, also
// after a kill; a group is in the log whole or not at all, and the groups of one `append` become visible together.
// Threads: one thread appends; any number of threads may read and wait at the same time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <span>
#include <string>

#include "core/base/time.h"

namespace orch {

using Bytes = std::span<const std::byte>;

/// Position of a record group; the first is 1, 0 means "before the first".
using LogIndex = std::uint64_t;

/// The greatest size of one group. Whoever has more to say says it in several groups.
inline constexpr std::size_t group_bytes_max = std::size_t{64} << 20;

struct LogError {
  enum class Kind {
    full,             ///< no room; nothing was written, readers go on, and so does `append` once there is room
    too_large,        ///< a group is larger than `group_bytes_max`; nothing was written, and no retry will help
    unavailable,      ///< nothing was written
    outcome_unknown,  ///< may or may not have been written: retry under the same idempotency key
    damaged,          ///< bytes that were durable no longer read back
  };
  Kind kind;
  std::string message;  ///< a sentence for a person, with the next step
};

class Log {
 public:
  virtual ~Log() = default;

  /// 16 random bytes in hexadecimal, fixed when the log is created: two logs never share one.
  virtual const std::string& id() const = 0;

  /// Index of the newest durable group, 0 when the log is empty. Any thread.
  virtual LogIndex head() const = 0;

  /// Index of the oldest group still held (archiving may drop older ones), 1 when nothing was dropped.
  virtual LogIndex oldest() const = 0;

  /// Appends all groups as one durable batch and answers the index of the first. Empty input is a bug.
  virtual std::expected<LogIndex, LogError> append(std::span<const Bytes> groups) = 0;

  /// Calls `visit` for the groups from `from` on, in order, until it answers false or the head of the moment is
  /// reached. The bytes are valid during the call only. `from` below `oldest()` is `damaged`.
  using Visitor = std::function<bool(LogIndex, Bytes)>;
  virtual std::expected<void, LogError> read(LogIndex from, const Visitor& visit) const = 0;

  /// Waits until the head is above `after`, at most `timeout`; answers whether it is.
  virtual bool wait(LogIndex after, Duration timeout) const = 0;
};

}  // namespace orch

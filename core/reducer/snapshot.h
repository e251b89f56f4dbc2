// A state as bytes, and back: so that a restart need not fold the whole log.
//
// A snapshot is a header and a body of columns. The header says of which log, index and rules the state is, its hash,
// and the checksums of itself and of the body; the body is written and read by one description of the state
// (snapshot.cc), a line per column. Reading recomputes the state hash from what was read, so a snapshot that reads
// back gives the state that was written or an error. It is an optimisation: whoever finds one damaged, foreign or of
// another format folds the log instead. A changed layout gets a new `snapshot_format`; old ones are not converted.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <string_view>

#include "core/reducer/state.h"

namespace orch {

inline constexpr std::uint32_t snapshot_format = 4;

struct SnapshotHeader {
  std::string log_id;
  LogIndex index = 0;
  std::uint16_t rules = 0;
  std::uint64_t hash = 0;  ///< of the state
  std::uint64_t body_size = 0, body_checksum = 0;

  static constexpr std::size_t size = 128;
  std::string encode() const;
  /// From the first bytes of a snapshot. The error is why this build cannot use it, for the agent's log.
  static std::expected<SnapshotHeader, std::string> decode(std::string_view bytes);
};

std::string write_snapshot(const State& state);

/// The state that was written, or why these bytes are none.
std::expected<std::unique_ptr<State>, std::string> read_snapshot(std::string_view bytes);

}  // namespace orch

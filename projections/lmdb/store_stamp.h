// What says whether a file of tables can be trusted, in a small file of its own beside it: it must be known before a
// page of the other is looked at, since a page that a power loss took away ends the process that touches it.
//
// Written durably (projections/files/durable_file.h): "clean" never stands on the disk once a commit
// that reuses pages may have reached it.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <system_error>

namespace orch {

struct StoreStamp {
  std::string format, log_id;
  std::string boot_id;           ///< of the machine while the store is open; `closed` after it was closed
  std::uint64_t file_bytes = 0;  ///< the file of tables was so long, and never becomes shorter

  static constexpr char closed[] = "clean";
};

/// Empty when there is none, or what there is is no stamp.
std::optional<StoreStamp> read_stamp(const std::string& folder);
std::expected<void, std::error_code> write_stamp(const std::string& folder, const StoreStamp& stamp);
/// What is there is not trusted from now on.
void remove_stamp(const std::string& folder);

}  // namespace orch

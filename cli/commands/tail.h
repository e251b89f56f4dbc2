// Printing a growing file or log: all of it, its last lines or bytes, and what is added while one watches.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "cli/api_client.h"

namespace orch::cli {

/// What the options -tail, -n, -c and -f ask for.
struct TailOptions {
  bool tail = false, follow = false;
  std::int64_t lines = -1, bytes = -1;  ///< -1: not given

  void add_to(CommandLine& app);
  /// Empty, or what is wrong with them.
  std::string problem() const;
  bool from_end() const { return tail || lines >= 0 || bytes >= 0; }
};

/// Prints to standard output. `path` makes the API path of a plain stream out of its origin ("start", "end"), its
/// offset and whether it goes on at the end. Bytes that come while the last lines are being found are neither lost nor
/// told twice.
std::expected<void, ApiError> print_tail(
    ApiClient& api, const TailOptions& options,
    const std::function<std::string(const char* origin, std::uint64_t offset, bool follow)>& path);

}  // namespace orch::cli

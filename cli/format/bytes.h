// Amounts as the commands show them.
#pragma once

#include <cstdint>
#include <string>

namespace orch::cli {

/// "540 B", "2.6 MiB", "24 GiB": powers of 1024, one decimal below ten (of everything but bytes).
std::string binary_size(std::uint64_t bytes);

/// "7.83%"
std::string percent(double value);

/// 4.28 → "4": cut, not rounded.
std::string whole(double value);

}  // namespace orch::cli

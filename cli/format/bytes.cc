#include "cli/format/bytes.h"

#include <cmath>

#include "core/base/format.h"

namespace orch::cli {

std::string binary_size(std::uint64_t bytes) {
  static constexpr const char* units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 10) return std::to_string(bytes) + " B";
  int unit = 0;
  double scaled = static_cast<double>(bytes);
  while (scaled >= 1024 && unit < 6) {
    scaled /= 1024;
    ++unit;
  }
  scaled = std::floor(scaled * 10 + 0.5) / 10;
  return fmt::format("{:.{}f} {}", scaled, scaled < 10 ? 1 : 0, units[unit]);
}

std::string percent(double value) { return fmt::format("{:.2f}%", value); }

std::string whole(double value) { return std::to_string(static_cast<long long>(std::floor(value))); }

}  // namespace orch::cli

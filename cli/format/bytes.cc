#include "cli/format/bytes.h"

#include <cmath>
#include <cstdio>

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
  char out[32];
  std::snprintf(out, sizeof out, scaled < 10 ? "%.1f %s" : "%.0f %s", scaled, units[unit]);
  return out;
}

std::string percent(double value) {
  char out[32];
  std::snprintf(out, sizeof out, "%.2f%%", value);
  return out;
}

std::string whole(double value) { return std::to_string(static_cast<long long>(std::floor(value))); }

}  // namespace orch::cli

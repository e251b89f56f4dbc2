#include "core/runner/duration_text.h"

#include <cstdint>

namespace orch {
namespace {

/// `value` / 10^`digits` without trailing zeros: decimal(1500, 3) is "1.5".
std::string decimal(std::uint64_t value, int digits) {
  std::string fraction;
  bool significant = false;
  for (int i = 0; i < digits; ++i) {
    const char digit = static_cast<char>('0' + value % 10);
    value /= 10;
    significant = significant || digit != '0';
    if (significant) fraction.insert(fraction.begin(), digit);
  }
  return std::to_string(value) + (fraction.empty() ? "" : "." + fraction);
}

}  // namespace

std::string duration_text(Duration duration) {
  if (duration.ns == 0) return "0s";
  const std::string sign = duration.ns < 0 ? "-" : "";
  const std::uint64_t ns =
      duration.ns < 0 ? 0 - static_cast<std::uint64_t>(duration.ns) : static_cast<std::uint64_t>(duration.ns);
  if (ns < 1'000) return sign + std::to_string(ns) + "ns";
  if (ns < 1'000'000) return sign + decimal(ns, 3) + "µs";
  if (ns < 1'000'000'000) return sign + decimal(ns, 6) + "ms";
  const std::uint64_t whole_minutes = ns / 60'000'000'000;
  std::string text = decimal(ns % 60'000'000'000, 9) + "s";
  if (whole_minutes > 0) text = std::to_string(whole_minutes % 60) + "m" + text;
  if (whole_minutes >= 60) text = std::to_string(whole_minutes / 60) + "h" + text;
  return sign + text;
}

}  // namespace orch

#include "core/base/duration_text.h"

#include <cstdint>
#include <limits>

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

std::optional<Duration> parse_duration_text(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text == "0") return Duration{};
  if (text.empty()) return {};
  __extension__ using Wide = __int128;
  Wide total = 0;
  while (!text.empty()) {
    Wide whole = 0, fraction = 0, scale = 1;
    std::size_t digits = 0, i = 0;
    for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits) {
      whole = whole * 10 + (text[i] - '0');
      if (whole > std::numeric_limits<std::int64_t>::max()) return {};
    }
    if (i < text.size() && text[i] == '.') {
      for (++i; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, ++digits) {
        if (scale >= 1'000'000'000'000) continue;
        fraction = fraction * 10 + (text[i] - '0');
        scale *= 10;
      }
    }
    if (digits == 0) return {};
    text.remove_prefix(i);
    std::size_t length = 0;
    while (length < text.size() && text[length] != '.' && (text[length] < '0' || text[length] > '9')) ++length;
    const std::string_view unit = text.substr(0, length);
    text.remove_prefix(length);
    std::int64_t ns = 0;
    if (unit == "h") ns = 3'600'000'000'000;
    if (unit == "m") ns = 60'000'000'000;
    if (unit == "s") ns = 1'000'000'000;
    if (unit == "ms") ns = 1'000'000;
    if (unit == "us" || unit == "µs") ns = 1'000;
    if (unit == "ns") ns = 1;
    if (ns == 0) return {};
    total += whole * ns + fraction * ns / scale;
    if (total > std::numeric_limits<std::int64_t>::max()) return {};
  }
  return Duration{static_cast<std::int64_t>(negative ? -total : total)};
}

}  // namespace orch

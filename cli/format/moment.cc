#include "cli/format/moment.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "core/base/format.h"
#include "drivers/clock/clock.h"

namespace orch::cli {

std::string instant(WallTime time) {
  if (time.ns == 0) return "N/A";
  const std::time_t whole = time.ns / 1'000'000'000;
  std::tm local{};
  localtime_r(&whole, &local);
  char date[40];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &local);
  const long zone = local.tm_gmtoff / 60;  // minutes east of Greenwich
  if (zone == 0) return std::string(date) + "Z";
  return fmt::format("{}{}{:02}:{:02}", date, zone < 0 ? '-' : '+', std::labs(zone) / 60, std::labs(zone) % 60);
}

std::string length(Duration duration) {
  std::int64_t s = duration.ns / 1'000'000'000;
  if (s <= 0) return "0s";
  struct Unit {
    const char* name;
    std::int64_t seconds;
  };
  static constexpr Unit units[] = {{"y", 365 * 86400}, {"mo", 30 * 86400}, {"d", 86400},
                                   {"h", 3600},        {"m", 60},          {"s", 1}};
  std::string out;
  int shown = 0;
  for (const Unit& unit : units) {
    const std::int64_t n = s / unit.seconds;
    s %= unit.seconds;
    if (n == 0) {
      if (shown == 1) break;
      continue;
    }
    out += std::to_string(n) + unit.name;
    if (++shown == 2) break;
  }
  return out;
}

std::string ago(WallTime time) {
  return time.ns == 0 ? "N/A" : length({std::max<std::int64_t>(wall_now().ns - time.ns, 0)}) + " ago";
}

WallTime parse_instant(const std::string& text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(text.c_str(), "%d-%d-%dT%d:%d:%d", &year, &month, &day, &hour, &minute, &second) != 6 || year <= 1)
    return {};
  const std::chrono::sys_days date = std::chrono::year(year) / month / day;
  std::int64_t ns = ((date.time_since_epoch().count() * 24 + hour) * 60 + minute) * 60 + second;
  ns *= 1'000'000'000;
  if (const std::size_t dot = text.find('.'); dot != std::string::npos) {
    std::int64_t scale = 100'000'000;
    for (std::size_t i = dot + 1; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i, scale /= 10)
      ns += (text[i] - '0') * scale;
  }
  return {ns};
}

}  // namespace orch::cli

#include "core/base/time_text.h"

#include <chrono>

#include "core/base/format.h"

namespace orch {

std::string rfc3339(WallTime time) {
  if (time.ns == 0) return "0001-01-01T00:00:00Z";
  using std::chrono::floor, std::chrono::nanoseconds;
  const std::chrono::sys_time<nanoseconds> instant(nanoseconds(time.ns));
  const auto midnight = floor<std::chrono::days>(instant);  // the day before for an instant before 1970
  const std::chrono::year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(instant - midnight);
  std::string out = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                                clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (const auto rest = clock.subseconds().count(); rest != 0) {
    out += fmt::format(".{:09}", rest);
    while (out.back() == '0') out.pop_back();
  }
  out += 'Z';
  return out;
}

std::optional<WallTime> parse_rfc3339(std::string_view text) {
  std::int64_t parts[6];
  std::size_t at = 0;
  const char* separators = "--T::";
  for (int i = 0; i < 6; ++i) {
    const std::size_t digits = i == 0 ? 4 : 2;
    if (text.size() < at + digits + 1) return {};
    parts[i] = 0;
    for (const char c : text.substr(at, digits)) {
      if (c < '0' || c > '9') return {};
      parts[i] = 10 * parts[i] + (c - '0');
    }
    at += digits;
    if (i < 5 && text[at++] != separators[i]) return {};
  }
  std::int64_t fraction = 0;
  if (text[at] == '.') {
    std::int64_t unit = 1'000'000'000;
    for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9' && unit > 1; ++at) {
      unit /= 10;
      fraction += unit * (text[at] - '0');
    }
  }
  if (text.substr(at) != "Z") return {};
  if (text == "0001-01-01T00:00:00Z") return WallTime{0};
  const auto [year, month, day, hour, minute, second] = parts;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day)));
  if (year < 1678 || year > 2261 || !date.ok()) return {};  // 64 bits of nanoseconds hold no more
  const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
  const WallTime time{(((days * 24 + hour) * 60 + minute) * 60 + second) * 1'000'000'000 + fraction};
  if (rfc3339(time) != text) return {};  // zeros at the end, 25 o'clock
  return time;
}

}  // namespace orch

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

}  // namespace orch

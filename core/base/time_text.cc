#include "core/base/time_text.h"

namespace orch {
namespace {

void append_digits(std::string& out, std::int64_t value, int digits) {
  std::string text(static_cast<std::size_t>(digits), '0');
  for (int i = digits - 1; i >= 0; --i, value /= 10)
    text[static_cast<std::size_t>(i)] = static_cast<char>('0' + value % 10);
  out += text;
}

}  // namespace

CivilTime civil(WallTime time) {
  constexpr std::int64_t day_ns = 86'400'000'000'000;
  std::int64_t days = time.ns / day_ns, rest = time.ns % day_ns;
  if (rest < 0) {
    rest += day_ns;
    --days;
  }
  days += 719468;
  const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
  const std::int64_t day_of_era = days - era * 146097;
  const std::int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const std::int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const std::int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const auto day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  const auto month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  const auto year = static_cast<int>(year_of_era + era * 400 + (month <= 2 ? 1 : 0));
  const std::int64_t second = rest / 1'000'000'000;
  return {year, month, day, static_cast<int>(second / 3600), static_cast<int>(second / 60 % 60),
          static_cast<int>(second % 60), rest % 1'000'000'000};
}

std::string rfc3339(WallTime time) {
  if (time.ns == 0) return "0001-01-01T00:00:00Z";
  const CivilTime t = civil(time);
  std::string out;
  append_digits(out, t.year, 4);
  out += '-';
  append_digits(out, t.month, 2);
  out += '-';
  append_digits(out, t.day, 2);
  out += 'T';
  append_digits(out, t.hour, 2);
  out += ':';
  append_digits(out, t.minute, 2);
  out += ':';
  append_digits(out, t.second, 2);
  if (t.nanosecond != 0) {
    std::string fraction = ".";
    append_digits(fraction, t.nanosecond, 9);
    while (fraction.back() == '0') fraction.pop_back();
    out += fraction;
  }
  out += 'Z';
  return out;
}

}  // namespace orch

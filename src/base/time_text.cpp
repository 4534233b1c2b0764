#include "base/time_text.hpp"

#include <array>
#include <cstdio>

#include "base/text.hpp"

namespace cml {
namespace {

using namespace std::chrono;
constexpr std::array<char const*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<char const*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::optional<Seconds> compose(long long y, long long mo, long long d, long long h, long long mi, long long s) {
  year_month_day const date{year(static_cast<int>(y)), month(static_cast<unsigned>(mo)), day(static_cast<unsigned>(d))};
  if (!date.ok() || h > 23 || mi > 59 || s > 60) return std::nullopt;
  return sys_days(date) + hours(h) + minutes(mi) + seconds(s);
}

std::optional<long long> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (text.size() < at + count) return std::nullopt;
  return parse_integer(text.substr(at, count));
}

}  // namespace

std::optional<Seconds> parse_iso_time(std::string_view text) {
  auto const y = digits(text, 0, 4), mo = digits(text, 5, 2), d = digits(text, 8, 2), h = digits(text, 11, 2),
             mi = digits(text, 14, 2), s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s) return std::nullopt;
  auto time = compose(*y, *mo, *d, *h, *mi, *s);
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') at = text.find_first_not_of("0123456789", at + 1);
  if (!time || at == std::string_view::npos || at >= text.size() || text[at] == 'Z') return time;
  auto const hours_off = digits(text, at + 1, 2), minutes_off = digits(text, at + (text.size() > at + 5 ? 4 : 3), 2);
  if (!hours_off || (text[at] != '+' && text[at] != '-')) return std::nullopt;
  auto const offset = hours(*hours_off) + minutes(minutes_off.value_or(0));
  return text[at] == '+' ? *time - offset : *time + offset;
}

std::optional<Seconds> parse_http_date(std::string_view text) {
  auto const d = digits(text, 5, 2), y = digits(text, 12, 4), h = digits(text, 17, 2), mi = digits(text, 20, 2),
             s = digits(text, 23, 2);
  if (!d || !y || !h || !mi || !s) return std::nullopt;
  for (std::size_t i = 0; i < kMonths.size(); ++i)
    if (text.substr(8, 3) == kMonths[i]) return compose(*y, static_cast<long long>(i) + 1, *d, *h, *mi, *s);
  return std::nullopt;
}

std::string iso_time(system_clock::time_point time) {
  auto const day_point = floor<days>(time);
  year_month_day const date{day_point};
  hh_mm_ss const clock{floor<seconds>(time - day_point)};
  std::array<char, 40> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return buffer.data();
}

std::string http_date(system_clock::time_point time) {
  auto const day_point = floor<days>(time);
  year_month_day const date{day_point};
  hh_mm_ss const clock{floor<seconds>(time - day_point)};
  std::array<char, 48> buffer;
  std::snprintf(buffer.data(), buffer.size(), "%s, %02u %s %04d %02d:%02d:%02d GMT",
                kDays[weekday(day_point).c_encoding()], static_cast<unsigned>(date.day()),
                kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return buffer.data();
}

}  // namespace cml

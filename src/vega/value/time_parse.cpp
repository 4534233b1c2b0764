// Text to instants by specifier, as d3-time-format parses.
#include <cctype>
#include <cmath>
#include <limits>

#include "vega/value/error.hpp"
#include "vega/value/time_format.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {
namespace {

using Unit = TimeInterval::Unit;

// Bytes of `text` that spell `name` from its start, whatever their case; 0 when it does not.
std::size_t spelled(std::string_view text, std::string_view name) {
  std::size_t at = 0;
  for (std::size_t i = 0; i < name.size();) {
    if (at >= text.size() || lower_code(decode_utf8(text, at)) != lower_code(decode_utf8(name, i))) return 0;
  }
  return at;
}

struct Fields {
  double year = 1900, day = 1, hours = 0, minutes = 0, seconds = 0, ms = 0;
  std::optional<double> month, quarter, zone, unix_ms, unix_seconds, iso_week, monday_week, sunday_week, weekday,
      monday_weekday, period;
  bool has_ms = false;
};

struct Reader {
  std::string_view text;
  TimeLocale const& locale;
  Fields f;

  // Whitespace and digits among the next `width` characters; -1 when there are none.
  int number(int at, int width, double& value) const {
    auto const end = std::min(text.size(), static_cast<std::size_t>(at) + static_cast<std::size_t>(width));
    auto i = static_cast<std::size_t>(at);
    while (i < end && std::isspace(static_cast<unsigned char>(text[i]))) ++i;
    auto const first = i;
    value = 0;
    while (i < end && text[i] >= '0' && text[i] <= '9') value = value * 10 + (text[i++] - '0');
    return i == first ? -1 : static_cast<int>(i);
  }
  int number(int at, int width, std::optional<double>& value) const {
    double n = 0;
    int const next = number(at, width, n);
    if (next >= 0) value = n;
    return next;
  }
  template <class Names>
  int name(int at, Names const& names, std::optional<double>& value) const {
    auto const rest = text.substr(static_cast<std::size_t>(at));
    for (std::size_t i = 0; i < names.size(); ++i) {
      auto const length = spelled(rest, names[i]);
      if (!length) continue;
      value = static_cast<double>(i);
      return at + static_cast<int>(length);
    }
    return -1;
  }
  int zone(int at) {
    auto const rest = text.substr(static_cast<std::size_t>(at), 6);
    if (!rest.empty() && rest[0] == 'Z') {
      f.zone = 0;
      return at + 1;
    }
    auto const digit = [&rest](std::size_t i) { return i < rest.size() && rest[i] >= '0' && rest[i] <= '9'; };
    for (std::size_t i = 0; i < rest.size(); ++i) {  // The sign may come later in the slice, as d3's pattern allows.
      if ((rest[i] != '+' && rest[i] != '-') || !digit(i + 1) || !digit(i + 2)) continue;
      double hours = (rest[i + 1] - '0') * 10 + (rest[i + 2] - '0'), minutes = 0;
      std::size_t length = 3;
      auto const m = i + 3 + (i + 3 < rest.size() && rest[i + 3] == ':' ? 1 : 0);
      if (digit(m) && digit(m + 1)) {
        minutes = (rest[m] - '0') * 10 + (rest[m + 1] - '0');
        length = m + 2 - i;
      }
      f.zone = (rest[i] == '-' ? 1 : -1) * (hours * 100 + minutes);
      return at + static_cast<int>(length);
    }
    return -1;
  }

  int directive(char c, int at, int depth) {
    int next = -1;
    switch (c) {
      case 'a':
        return name(at, locale.short_days, f.weekday);
      case 'A':
        return name(at, locale.days, f.weekday);
      case 'b':
        return name(at, locale.short_months, f.month);
      case 'B':
        return name(at, locale.months, f.month);
      case 'c':
        return read(locale.date_time, at, depth + 1);
      case 'x':
        return read(locale.date, at, depth + 1);
      case 'X':
        return read(locale.time, at, depth + 1);
      case 'd':
      case 'e':
        return number(at, 2, f.day);
      case 'f':
        if ((next = number(at, 6, f.ms)) >= 0) f.ms = std::floor(f.ms / 1000), f.has_ms = true;
        return next;
      case 'L':
        if ((next = number(at, 3, f.ms)) >= 0) f.has_ms = true;
        return next;
      case 'g':
      case 'y':
        if ((next = number(at, 2, f.year)) >= 0) f.year += f.year > 68 ? 1900 : 2000;
        return next;
      case 'G':
      case 'Y':
        return number(at, 4, f.year);
      case 'H':
      case 'I':
        return number(at, 2, f.hours);
      case 'j':
        if ((next = number(at, 3, f.day)) >= 0) f.month = 0;
        return next;
      case 'm':
        if ((next = number(at, 2, f.month)) >= 0) *f.month -= 1;
        return next;
      case 'M':
        return number(at, 2, f.minutes);
      case 'p':
        return name(at, locale.periods, f.period);
      case 'q':
        if ((next = number(at, 1, f.quarter)) >= 0) *f.quarter = *f.quarter * 3 - 3;
        return next;
      case 'Q':
        return number(at, static_cast<int>(text.size()), f.unix_ms);
      case 's':
        return number(at, static_cast<int>(text.size()), f.unix_seconds);
      case 'S':
        return number(at, 2, f.seconds);
      case 'u':
        return number(at, 1, f.monday_weekday);
      case 'U':
        return number(at, 2, f.sunday_week);
      case 'V':
        return number(at, 2, f.iso_week);
      case 'w':
        return number(at, 1, f.weekday);
      case 'W':
        return number(at, 2, f.monday_week);
      case 'Z':
        return zone(at);
      case '%':
        return text[static_cast<std::size_t>(at)] == '%' ? at + 1 : -1;
      default:
        return -1;
    }
  }
  int read(std::string_view specifier, int at, int depth) {
    if (depth > 8) fail("", "time locale refers to itself");
    for (std::size_t i = 0; i < specifier.size();) {
      if (static_cast<std::size_t>(at) >= text.size()) return -1;
      char c = specifier[i++];
      if (c != '%') {
        if (c != text[static_cast<std::size_t>(at++)]) return -1;
        continue;
      }
      c = i < specifier.size() ? specifier[i++] : '\0';
      if (c == '-' || c == '_' || c == '0') c = i < specifier.size() ? specifier[i++] : '\0';
      if ((at = directive(c, at, depth)) < 0) return -1;
    }
    return at;
  }
};

}  // namespace

std::optional<double> parse_time(std::string_view text, std::string_view specifier, Zone zone,
                                 TimeLocale const& locale) {
  Reader reader{text.substr(0, 10000), locale, {}};
  if (reader.read(specifier, 0, 0) != static_cast<int>(text.size())) return {};
  auto& f = reader.f;
  if (f.unix_ms) return time_clip(*f.unix_ms);
  if (f.unix_seconds) return time_clip(*f.unix_seconds * 1000 + (f.has_ms ? f.ms : 0));
  if (zone == Zone::Utc && !f.zone) f.zone = 0;
  auto const frame = f.zone ? Zone::Utc : Zone::Local;
  if (f.period) f.hours = std::fmod(f.hours, 12) + *f.period * 12;
  double month = f.month ? *f.month : f.quarter ? *f.quarter : 0;
  if (f.iso_week) {
    if (*f.iso_week < 1 || *f.iso_week > 53) return {};
    double const weekday = f.weekday.value_or(1);
    double week = make_time(f.year, 0, 1, 0, 0, 0, 0, frame);
    int const first = civil_time(week, frame).weekday;
    TimeInterval const mondays(Unit::Week, frame, 1);
    week = first > 4 || first == 0 ? mondays.ceil(week) : mondays.floor(week);
    week = TimeInterval(Unit::Day, frame).offset(week, (*f.iso_week - 1) * 7);
    auto const t = civil_time(week, frame);
    f.year = t.year;
    month = t.month;
    f.day = t.day + std::fmod(weekday + 6, 7);
  } else if (f.monday_week || f.sunday_week) {
    double const weekday = f.weekday          ? *f.weekday
                           : f.monday_weekday ? std::fmod(*f.monday_weekday, 7)
                           : f.monday_week    ? 1
                                              : 0;
    int const first = civil_time(make_time(f.year, 0, 1, 0, 0, 0, 0, frame), frame).weekday;
    month = 0;
    f.day = f.monday_week ? std::fmod(weekday + 6, 7) + *f.monday_week * 7 - (first + 5) % 7
                          : weekday + *f.sunday_week * 7 - (first + 6) % 7;
  }
  if (f.zone) {
    f.hours += std::trunc(*f.zone / 100);
    f.minutes += std::fmod(*f.zone, 100);
  }
  double const ms = make_time(f.year, month, f.day, f.hours, f.minutes, f.seconds, f.ms, frame);
  if (std::isnan(ms)) return {};
  return ms;
}

}  // namespace cml::vega

#include "vega/value/time_format.hpp"

#include <cmath>

#include "vega/value/error.hpp"
#include "vega/value/time_unit.hpp"

namespace cml::vega {
namespace {

using Unit = TimeInterval::Unit;
constexpr int kMaxDepth = 8;  // A locale's %x may hold %X, never itself.

std::string pad(double value, char fill, int width) {
  bool const negative = value < 0;
  auto text = number_to_string(std::fabs(value));
  if (fill && static_cast<int>(text.size()) < width)
    text.insert(0, static_cast<std::size_t>(width) - text.size(), fill);
  return negative ? "-" + text : text;
}

template <std::size_t N>
void read_names(Value const& from, std::array<std::string, N>& to) {
  if (from.size() == N)
    for (std::size_t i = 0; i < N; ++i) to[i] = from.at(i).to_string();
}

double thursday_of(double ms, int weekday, Zone zone) {
  TimeInterval const thursdays(Unit::Week, zone, 4);
  return weekday >= 4 || weekday == 0 ? thursdays.floor(ms) : thursdays.ceil(ms);
}

struct Writer {
  Zone zone;
  TimeLocale const& locale;
  double ms;
  CivilTime t;

  double year_start() const { return TimeInterval(Unit::Year, zone).floor(ms); }
  double weeks(int first_weekday) const {
    return TimeInterval(Unit::Week, zone, first_weekday).count(year_start() - 1, ms);
  }

  void write(std::string& out, std::string_view specifier, int depth) const {
    if (depth > kMaxDepth) fail("", "time locale refers to itself");
    for (std::size_t i = 0; i < specifier.size(); ++i) {
      if (specifier[i] != '%') {
        out += specifier[i];
        continue;
      }
      char c = ++i < specifier.size() ? specifier[i] : '\0';
      char fill = c == 'e' ? ' ' : '0';
      if (c == '-' || c == '_' || c == '0') {
        fill = c == '-' ? '\0' : c == '_' ? ' ' : '0';
        c = ++i < specifier.size() ? specifier[i] : '\0';
      }
      directive(out, c, fill, depth);
    }
  }

  // d3 writes an invalid date part by part: NaN, padded as the number would be, and no name. False: no part of a date.
  bool invalid(std::string& out, char c, char fill) const {
    constexpr std::string_view kNames = "aAbB", kNumbers = "degHjLmMSuUVwWyQs", kYears = "GY";
    auto const is = [c](std::string_view set) { return set.find(c) != std::string_view::npos; };
    if (c == 'f')
      out += "NaN000";
    else if (c == 'I')
      out += "12";
    else if (c == 'p')
      out += locale.periods[0];
    else if (c == 'q')
      out += "1";
    else if (c == 'Z')
      out += "+00NaN";
    else if (is(kNumbers))
      out += "NaN";
    else if (is(kYears))
      out += pad(ms, fill, 4);
    else
      return c && is(kNames);
    return true;
  }

  void directive(std::string& out, char c, char fill, int depth) const {
    if (std::isnan(ms) && invalid(out, c, fill)) return;
    auto const number = [&](double value, int width) { out += pad(value, fill, width); };
    switch (c) {
      case 'a':
        out += locale.short_days[static_cast<std::size_t>(t.weekday)];
        break;
      case 'A':
        out += locale.days[static_cast<std::size_t>(t.weekday)];
        break;
      case 'b':
        out += locale.short_months[static_cast<std::size_t>(t.month)];
        break;
      case 'B':
        out += locale.months[static_cast<std::size_t>(t.month)];
        break;
      case 'c':
        write(out, locale.date_time, depth + 1);
        break;
      case 'x':
        write(out, locale.date, depth + 1);
        break;
      case 'X':
        write(out, locale.time, depth + 1);
        break;
      case 'd':
      case 'e':
        number(t.day, 2);
        break;
      case 'f':
        number(t.milliseconds, 3), out += "000";
        break;
      case 'g':
        number(std::fmod(civil_time(thursday_of(ms, t.weekday, zone), zone).year, 100), 2);
        break;
      case 'G':
        number(std::fmod(civil_time(thursday_of(ms, t.weekday, zone), zone).year, 10000), 4);
        break;
      case 'H':
        number(t.hours, 2);
        break;
      case 'I':
        number(t.hours % 12 ? t.hours % 12 : 12, 2);
        break;
      case 'j':
        number(1 + TimeInterval(Unit::Day, zone).count(year_start(), ms), 3);
        break;
      case 'L':
        number(t.milliseconds, 3);
        break;
      case 'm':
        number(t.month + 1, 2);
        break;
      case 'M':
        number(t.minutes, 2);
        break;
      case 'p':
        out += locale.periods[t.hours >= 12];
        break;
      case 'q':
        out += std::to_string(1 + t.month / 3);
        break;
      case 'Q':
        out += number_to_string(ms);
        break;
      case 's':
        out += number_to_string(std::floor(ms / 1000));
        break;
      case 'S':
        number(t.seconds, 2);
        break;
      case 'u':
        out += std::to_string(t.weekday ? t.weekday : 7);
        break;
      case 'U':
        number(weeks(0), 2);
        break;
      case 'V': {
        double const thursday = thursday_of(ms, t.weekday, zone),
                     start = TimeInterval(Unit::Year, zone).floor(thursday);
        number(TimeInterval(Unit::Week, zone, 4).count(start, thursday) + (civil_time(start, zone).weekday == 4), 2);
        break;
      }
      case 'w':
        out += std::to_string(t.weekday);
        break;
      case 'W':
        number(weeks(1), 2);
        break;
      case 'y':
        number(std::fmod(t.year, 100), 2);
        break;
      case 'Y':
        number(std::fmod(t.year, 10000), 4);
        break;
      case 'Z': {
        double const minutes = std::trunc((to_local(ms, zone) - ms) / 60000);
        out += minutes < 0 ? "-" : "+";
        out += pad(std::trunc(std::fabs(minutes) / 60), '0', 2) + pad(std::fmod(std::fabs(minutes), 60), '0', 2);
        break;
      }
      default:
        if (c) out += c;
    }
  }
};

}  // namespace

TimeLocale TimeLocale::from(Value const& d) {
  TimeLocale locale;
  locale.date_time = d["dateTime"].string_or(locale.date_time);
  locale.date = d["date"].string_or(locale.date);
  locale.time = d["time"].string_or(locale.time);
  read_names(d["periods"], locale.periods);
  read_names(d["days"], locale.days);
  read_names(d["shortDays"], locale.short_days);
  read_names(d["months"], locale.months);
  read_names(d["shortMonths"], locale.short_months);
  return locale;
}
TimeLocaleRef TimeLocale::standard() {
  static TimeLocaleRef const locale = std::make_shared<TimeLocale const>();
  return locale;
}

std::string TimeFormat::operator()(double ms) const {
  ms = time_clip(ms);
  Writer const writer{zone_, *locale_, ms, std::isnan(ms) ? CivilTime{} : civil_time(ms, zone_)};
  std::string out;
  writer.write(out, specifier_, 0);
  return out;
}

TimeMultiFormat::TimeMultiFormat(Value const& specifier, Zone zone, TimeLocaleRef locale) : zone_(zone) {
  if (specifier.is_string()) {
    formats_.emplace_back(specifier.string(), zone, std::move(locale));
    return;
  }
  if (!specifier.is_nullish() && !specifier.is_object())
    fail("", "Invalid time multi-format specifier: " + specifier.to_string());
  auto const add = [&](char const* key, char const* other, char const* fallback) {
    auto const& given = specifier[key].truthy() || !other ? specifier[key] : specifier[other];
    formats_.emplace_back(given.truthy() ? given.to_string() : std::string(fallback), zone, locale);
  };
  add("milliseconds", nullptr, ".%L");
  add("seconds", nullptr, ":%S");
  add("minutes", nullptr, "%I:%M");
  add("hours", nullptr, "%I %p");
  add("date", "day", "%a %d");
  add("week", nullptr, "%b %d");
  add("month", nullptr, "%B");
  add("quarter", nullptr, "%B");
  add("year", nullptr, "%Y");
}

std::string TimeMultiFormat::operator()(double ms) const {
  if (formats_.size() == 1) return formats_[0](ms);
  auto const inside = [&](TimeUnit unit) { return time_unit_interval(unit, zone_).floor(ms) < ms; };
  std::size_t const which = inside(TimeUnit::Seconds)   ? 0
                            : inside(TimeUnit::Minutes) ? 1
                            : inside(TimeUnit::Hours)   ? 2
                            : inside(TimeUnit::Date)    ? 3
                            : inside(TimeUnit::Month)   ? (inside(TimeUnit::Week) ? 4 : 5)
                            : inside(TimeUnit::Year)    ? (inside(TimeUnit::Quarter) ? 6 : 7)
                                                        : 8;
  return formats_[which](ms);
}

}  // namespace cml::vega

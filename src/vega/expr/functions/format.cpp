// Numbers and dates to text and back, by specifier and locale.
#include <cmath>
#include <list>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"

namespace cml::vega {
namespace {

// Formats are made once a specifier; the most recent are kept.
NumberFormat const& number_format(std::string const& specifier, NumberLocaleRef const& locale) {
  struct Entry {
    std::string specifier;
    NumberLocaleRef locale;
    NumberFormat format;
  };
  thread_local std::list<Entry> recent;
  for (auto entry = recent.begin(); entry != recent.end(); ++entry)
    if (entry->specifier == specifier && entry->locale == locale) {
      recent.splice(recent.begin(), recent, entry);
      return recent.front().format;
    }
  recent.push_front({specifier, locale, NumberFormat(specifier, locale)});
  if (recent.size() > 16) recent.pop_back();
  return recent.front().format;
}

Value format(Call const& c) {
  if (c[0].is_null()) return "null";
  return number_format(js_string(c[1]),
                       c.scope.number_locale())(c[0].is_string() || c[0].is_object() ? Value(js_string(c[0])) : c[0]);
}
template <Zone zone>
Value time_format(Call const& c) {
  if (c[0].is_null()) return "null";
  return TimeMultiFormat(c[1], zone, c.scope.time_locale())(c.number(0));
}
template <Zone zone>
Value time_parse(Call const& c) {
  if (c[0].is_null()) return "null";
  auto const ms = parse_time(js_string(c[0]), js_string(c[1]), zone, *c.scope.time_locale());
  return ms ? Value::date(*ms) : Value(nullptr);
}

bool whole(Value const& v) {
  return v.is_number() && std::isfinite(v.number()) && v.number() == std::trunc(v.number());
}
Value name_of(Call const& c, double month, double day, char const* specifier) {
  if (!whole(c[0])) return "";
  return TimeFormat(specifier, Zone::Utc, c.scope.time_locale())(make_time(2000, month, day, 0, 0, 0, 0, Zone::Utc));
}
Value month_name(Call const& c, char const* specifier) { return name_of(c, c.number(0), 1, specifier); }
// January 2nd 2000 was a Sunday.
Value day_name(Call const& c, char const* specifier) { return name_of(c, 0, 2 + c.number(0), specifier); }

constexpr FunctionType kFormats[] = {
    {"format", 1, -1, format},
    {"timeFormat", 1, -1, time_format<Zone::Local>},
    {"utcFormat", 1, -1, time_format<Zone::Utc>},
    {"timeParse", 2, -1, time_parse<Zone::Local>},
    {"utcParse", 2, -1, time_parse<Zone::Utc>},
    {"monthFormat", 1, -1, [](Call const& c) { return month_name(c, "%B"); }},
    {"monthAbbrevFormat", 1, -1, [](Call const& c) { return month_name(c, "%b"); }},
    {"dayFormat", 1, -1, [](Call const& c) { return day_name(c, "%A"); }},
    {"dayAbbrevFormat", 1, -1, [](Call const& c) { return day_name(c, "%a"); }},
};

}  // namespace

std::span<FunctionType const> format_functions() { return kFormats; }

}  // namespace cml::vega

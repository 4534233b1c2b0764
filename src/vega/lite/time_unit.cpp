#include "vega/lite/time_unit.hpp"

#include <cmath>
#include <ctime>
#include <span>

#include "vega/lite/messages.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

constexpr std::string_view kParts[] = {"year", "quarter", "month",   "week",    "day",         "dayofyear",
                                       "date", "hours",   "minutes", "seconds", "milliseconds"};
constexpr std::string_view kMonths[] = {"january", "february", "march",     "april",   "may",      "june",
                                        "july",    "august",   "september", "october", "november", "december"};
constexpr std::string_view kDays[] = {"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"};

int name_index(std::span<std::string_view const> names, std::string_view text) {
  auto const low = lower(text);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == low) return static_cast<int>(i);
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i].substr(0, 3) == low.substr(0, 3)) return static_cast<int>(i);
  return -1;
}

double month_number(Value const& m) {
  if (is_number_text(m)) return m.to_number() - 1;
  int const index = m.is_string() ? name_index(kMonths, m.string()) : -1;
  if (index < 0) fail("", message::invalid_time_part("month", m));
  return index;
}
double quarter_number(Context& ctx, Value const& q) {
  if (!is_number_text(q)) fail("", message::invalid_time_part("quarter", q));
  if (q.to_number() > 4) ctx.warn(message::invalid_time_part("quarter", q));
  return q.to_number() - 1;
}
double day_number(Value const& d) {
  if (is_number_text(d)) return std::fmod(d.to_number(), 7);
  int const index = d.is_string() ? name_index(kDays, d.string()) : -1;
  if (index < 0) fail("", message::invalid_time_part("day", d));
  return index;
}

// Year, month, date, hours, minutes, seconds, milliseconds.
Array date_parts(Context& ctx, Value date) {
  if (has(date, "day") && date.size() > 1) {
    ctx.warn(message::day_dropped());
    date.erase("day");
  }
  Array parts;
  parts.push_back(has(date, "year") ? date["year"] : Value(2012));
  if (has(date, "month"))
    parts.emplace_back(month_number(date["month"]));
  else if (has(date, "quarter"))
    parts.emplace_back(quarter_number(ctx, date["quarter"]) * 3);
  else
    parts.emplace_back(0);
  if (has(date, "date"))
    parts.push_back(date["date"]);
  else if (has(date, "day"))
    parts.emplace_back(day_number(date["day"]) + 1);
  else
    parts.emplace_back(1);
  for (auto unit : {"hours", "minutes", "seconds", "milliseconds"})
    parts.push_back(has(date, unit) ? date[unit] : Value(0));
  return parts;
}

std::string joined(Array const& parts) {
  Strings text;
  for (auto const& part : parts) text.push_back(part.to_string());
  return join(text, ", ");
}

bool contains_unit(std::string_view full, std::string_view unit) {
  auto const at = full.find(unit);
  if (at == std::string_view::npos) return false;
  if (at > 0 && unit == "seconds" && full[at - 1] == 'i') return false;            // milliseconds
  if (full.size() > at + 3 && unit == "day" && full[at + 3] == 'o') return false;  // dayofyear
  if (at > 0 && unit == "year" && full[at - 1] == 'f') return false;               // dayofyear
  return true;
}

}  // namespace

bool is_date_time(Value const& v) {
  if (!v.is_object()) return false;
  for (auto part : kParts)
    if (has(v, part)) return true;
  return false;
}
std::string date_time_expression(Context& ctx, Value const& date) {
  return (date["utc"].truthy() ? "utc(" : "datetime(") + joined(date_parts(ctx, date)) + ")";
}
double date_time_timestamp(Context& ctx, Value const& date) {
  auto const parts = date_parts(ctx, date);
  double const year = parts[0].to_number();
  if (!(std::fabs(year) < 1e6)) return std::nan("");
  std::tm tm{};
  tm.tm_year = static_cast<int>(year >= 0 && year <= 99 ? year : year - 1900);  // Two digits are 19xx, as in Date.
  int* const fields[] = {&tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec};
  for (int i = 0; i < 5; ++i) {
    double const n = parts[static_cast<std::size_t>(i) + 1].to_number();
    if (!(std::fabs(n) < 1e8)) return std::nan("");
    *fields[i] = static_cast<int>(n);
  }
  tm.tm_isdst = -1;
  auto const seconds = date["utc"].truthy() ? timegm(&tm) : mktime(&tm);
  return static_cast<double>(seconds) * 1000 + parts[6].to_number();
}

bool is_local_single_time_unit(std::string_view unit) {
  for (auto part : kParts)
    if (part == unit) return true;
  return false;
}
bool is_binned_time_unit(Value const& unit) {
  if (unit.is_object()) return unit["binned"].truthy();
  return unit.is_string() && starts_with(unit.string(), "binned");
}
Strings time_unit_parts(std::string_view unit) {
  Strings parts;
  for (auto part : kParts)
    if (contains_unit(unit, part)) parts.emplace_back(part);
  return parts;
}
Value normalize_time_unit(Value const& unit) {
  if (!unit.truthy()) return {};
  Value params{Object()};
  if (unit.is_string()) {
    if (is_binned_time_unit(unit)) {
      params.set("unit", unit.string().substr(6));
      params.set("binned", true);
    } else {
      params.set("unit", unit);
    }
  } else {
    params = unit;
  }
  if (auto const name = std::string(params["unit"].string_or("")); starts_with(name, "utc")) {
    params.set("utc", true);
    params.set("unit", name.substr(3));
  }
  return params;
}
std::string time_unit_to_string(Value const& unit) {
  auto const normal = normalize_time_unit(unit);
  std::string out = normal["utc"].truthy() ? "utc" : "";
  bool const named = normal["unit"].truthy();
  if (!named) out += "timeunit";
  for (auto const& [key, value] : normal.properties()) {
    if (key == "utc") continue;
    out +=
        var_name(named && key == "unit" ? value.to_string() : "_" + std::string(key.view()) + "_" + value.to_string());
  }
  return out;
}

std::string time_unit_field_expression(std::string_view unit, std::string_view field) {
  auto const ref = access_path_with_datum(field);
  std::string const utc = starts_with(unit, "utc") ? "utc" : "";
  std::string year = "2012", month = "0", date = "1", clock[4] = {"0", "0", "0", "0"};
  bool has_month = false, has_date = false;
  auto const call = [&](std::string_view part) { return utc + std::string(part) + "(" + ref + ")"; };
  if (contains_unit(unit, "year")) year = call("year");
  if (contains_unit(unit, "month")) month = call("month"), has_month = true;
  if (!has_month && contains_unit(unit, "quarter")) month = "(" + call("quarter") + "-1)*3";
  if (contains_unit(unit, "date")) date = call("date"), has_date = true;
  if (!has_date && contains_unit(unit, "day")) date = call("day") + "+1";
  constexpr std::string_view kClock[] = {"hours", "minutes", "seconds", "milliseconds"};
  for (int i = 0; i < 4; ++i)
    if (contains_unit(unit, kClock[i])) clock[i] = call(kClock[i]);
  return "datetime(" + year + ", " + month + ", " + date + ", " + clock[0] + ", " + clock[1] + ", " + clock[2] + ", " +
         clock[3] + ")";
}
std::string time_unit_specifier(std::string_view unit) {
  return "timeUnitSpecifier(" + stringify(string_array(time_unit_parts(unit))) +
         ", {\"year-month\":\"%b %Y \",\"year-month-date\":\"%b %d, %Y \"})";
}
std::string time_format_of_unit(std::string_view unit, std::string_view field, bool utc_scale) {
  return std::string(utc_scale || starts_with(unit, "utc") ? "utc" : "time") + "Format(" + std::string(field) + ", " +
         time_unit_specifier(unit) + ")";
}

DatePartStep date_part_and_step(std::string_view unit, double step) {
  if (unit == "day" || unit == "dayofyear") return {"date", step};
  if (unit == "quarter") return {"month", step * 3};
  if (unit == "week") return {"date", step * 7};
  return {std::string(unit), step};
}
std::optional<std::string> duration_expression(Context& ctx, Value const& unit,
                                               std::function<std::string(std::string)> const& wrap) {
  auto const normal = normalize_time_unit(unit);
  auto const parts = time_unit_parts(normal["unit"].string_or(""));
  if (parts.empty() || parts.back() == "day") return std::nullopt;
  Value start = Value::object(
      {{"year", 2001}, {"month", 1}, {"date", 1}, {"hours", 0}, {"minutes", 0}, {"seconds", 0}, {"milliseconds", 0}});
  auto const [part, step] = date_part_and_step(parts.back(), normal["step"].defined() ? normal["step"].to_number() : 1);
  Value end = start;
  end.set(part, start[part].to_number() + step);
  auto const text = [&](Value const& date) {
    auto expression = date_time_expression(ctx, date);
    return wrap ? wrap(std::move(expression)) : expression;
  };
  return text(end) + " - " + text(start);
}

}  // namespace cml::vega::lite

#include "vega/value/time_zone.hpp"

#include "base/embedded.hpp"
#include "vega/value/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

namespace cml {
std::vector<EmbeddedFile> const& embedded_zones();  // Written by cmake/embed.cmake.
}

namespace cml::vega {
namespace {

constexpr double kMillisecondsPerDay = 86400000;

// Days since 1970-01-01 of a proleptic Gregorian date and back, by eras of 400 years that start on March 1st.
std::int64_t days_from_civil(std::int64_t year, int month, int day) {
  year -= month <= 2;
  std::int64_t const era = (year >= 0 ? year : year - 399) / 400;
  auto const year_of_era = year - era * 400;
  auto const day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  auto const day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}
void civil_from_days(std::int64_t days, std::int64_t& year, int& month, int& day) {
  days += 719468;
  std::int64_t const era = (days >= 0 ? days : days - 146096) / 146097;
  auto const day_of_era = days - era * 146097;
  auto const year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  auto const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  auto const shifted = (5 * day_of_year + 2) / 153;
  day = static_cast<int>(day_of_year - (153 * shifted + 2) / 5 + 1);
  month = static_cast<int>(shifted < 10 ? shifted + 3 : shifted - 9);
  year = year_of_era + era * 400 + (month <= 2);
}
std::int64_t year_of_seconds(std::int64_t seconds) {
  std::int64_t year;
  int month, day;
  civil_from_days((seconds >= 0 ? seconds : seconds - 86399) / 86400, year, month, day);
  return year;
}

// One end of daylight saving time in a POSIX rule.
struct RuleDate {
  enum class Kind { Julian, DayOfYear, MonthWeekDay } kind = Kind::MonthWeekDay;
  int month = 0, week = 0, day = 0;
  std::int64_t time = 7200;  // Seconds after local midnight.

  std::int64_t local_seconds(std::int64_t year) const {
    auto const january = days_from_civil(year, 1, 1);
    bool const leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    if (kind == Kind::Julian) return (january + day - 1 + (leap && day >= 60 ? 1 : 0)) * 86400 + time;
    if (kind == Kind::DayOfYear) return (january + day) * 86400 + time;
    auto const first = days_from_civil(year, month, 1);
    auto const next = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
    auto const weekday = ((first + 4) % 7 + 7) % 7;
    auto date = first + (day - weekday + 7) % 7 + 7 * (week - 1);
    if (date >= next) date -= 7;
    return date * 86400 + time;
  }
};

struct Rule {
  std::int64_t standard = 0, daylight = 0;  // Seconds east of UTC.
  bool has_daylight = false;
  RuleDate start, end;

  std::int64_t offset(std::int64_t utc) const {
    if (!has_daylight) return standard;
    auto const year = year_of_seconds(utc + standard);
    auto const from = start.local_seconds(year) - standard, to = end.local_seconds(year) - daylight;
    bool const summer = from < to ? utc >= from && utc < to : !(utc >= to && utc < from);
    return summer ? daylight : standard;
  }
};

struct RuleReader {
  std::string_view rest;
  bool take(char c) {
    if (rest.empty() || rest[0] != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  std::optional<int> number() {
    if (rest.empty() || rest[0] < '0' || rest[0] > '9') return {};
    int value = 0;
    while (!rest.empty() && rest[0] >= '0' && rest[0] <= '9') {
      value = std::min(value * 10 + (rest[0] - '0'), 100000);
      rest.remove_prefix(1);
    }
    return value;
  }
  bool name() {
    if (take('<')) {
      auto const end = rest.find('>');
      if (end == std::string_view::npos) return false;
      rest.remove_prefix(end + 1);
      return true;
    }
    std::size_t length = 0;
    while (length < rest.size() && std::isalpha(static_cast<unsigned char>(rest[length]))) ++length;
    rest.remove_prefix(length);
    return length >= 3;
  }
  std::optional<std::int64_t> time() {
    int const sign = take('-') ? -1 : 1;
    if (sign > 0) take('+');
    auto const hours = number();
    if (!hours) return {};
    std::int64_t seconds = *hours * 3600ll;
    if (take(':')) seconds += number().value_or(0) * 60ll;
    if (take(':')) seconds += number().value_or(0);
    return sign * seconds;
  }
  std::optional<RuleDate> date() {
    RuleDate out;
    if (take('M')) {
      auto const month = number();
      if (!month || !take('.')) return {};
      auto const week = number();
      if (!week || !take('.')) return {};
      auto const day = number();
      if (!day || *month < 1 || *month > 12 || *week < 1 || *week > 5 || *day > 6) return {};
      out.month = *month, out.week = *week, out.day = *day;
    } else {
      out.kind = take('J') ? RuleDate::Kind::Julian : RuleDate::Kind::DayOfYear;
      auto const day = number();
      if (!day || *day > 366) return {};
      out.day = *day;
    }
    if (take('/')) {
      auto const at = time();
      if (!at) return {};
      out.time = *at;
    }
    return out;
  }
};

std::optional<Rule> read_rule(std::string_view text) {
  RuleReader reader{text};
  Rule rule;
  if (!reader.name()) return {};
  auto const standard = reader.time();
  if (!standard) return {};
  rule.standard = -*standard;
  if (reader.rest.empty()) return rule;
  if (!reader.name()) return {};
  rule.has_daylight = true;
  rule.daylight = rule.standard + 3600;
  if (!reader.rest.empty() && reader.rest[0] != ',') {
    auto const daylight = reader.time();
    if (!daylight) return {};
    rule.daylight = -*daylight;
  }
  if (reader.rest.empty()) reader.rest = ",M3.2.0,M11.1.0";
  if (!reader.take(',')) return {};
  auto const start = reader.date();
  if (!start || !reader.take(',')) return {};
  auto const end = reader.date();
  if (!end) return {};
  rule.start = *start, rule.end = *end;
  return rule;
}

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint64_t value = bytes[at] & 0x80 ? ~0ull : 0;  // Sign extension.
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

}  // namespace

struct TimeZone::Data {
  std::vector<std::int64_t> times;    // Seconds UTC from which offsets[i] holds.
  std::vector<std::int64_t> offsets;  // Seconds east.
  std::int64_t first = 0;             // Before the first of `times`.
  std::optional<Rule> rule;           // After the last.

  std::int64_t offset(std::int64_t utc) const {
    if (times.empty() || utc >= times.back()) {
      if (rule) return rule->offset(utc);
      return times.empty() ? first : offsets.back();
    }
    auto const next = std::upper_bound(times.begin(), times.end(), utc);
    return next == times.begin() ? first : offsets[static_cast<std::size_t>(next - times.begin()) - 1];
  }
};

TimeZone TimeZone::from_rule(std::string_view text) {
  TimeZone zone;
  auto const rule = read_rule(text);
  if (!rule || (!rule->has_daylight && rule->standard == 0)) return zone;
  auto data = std::make_shared<Data>();
  data->rule = *rule;
  data->first = rule->standard;
  zone.data_ = std::move(data);
  return zone;
}

TimeZone TimeZone::from_tzif(std::string_view bytes) {
  TimeZone zone;
  auto data = std::make_shared<Data>();
  std::size_t at = 0, width = 4;
  for (int version = 1; version <= 2; ++version) {
    if (bytes.size() < at + 44 || bytes.substr(at, 4) != "TZif") return zone;
    bool const newer = bytes[at + 4] >= '2';
    auto const count = [&](std::size_t i) {
      return static_cast<std::size_t>(static_cast<std::uint32_t>(big_endian(bytes, at + 20 + 4 * i, 4)));
    };
    auto const utc_flags = count(0), standard_flags = count(1), leaps = count(2), transitions = count(3),
               types = count(4), letters = count(5);
    auto const body = at + 44;
    if (std::max({utc_flags, standard_flags, leaps, transitions, types, letters}) > 100000) return zone;
    auto const end =
        body + transitions * (width + 1) + types * 6 + letters + leaps * (width + 4) + standard_flags + utc_flags;
    if (bytes.size() < end) return zone;
    if (version == 1 && newer) {  // A second body with 64-bit times follows.
      at = end;
      width = 8;
      continue;
    }
    auto const type_at = body + transitions * (width + 1);
    auto const offset_of = [&](std::size_t type) {
      return type < types ? big_endian(bytes, type_at + type * 6, 4) : 0;
    };
    for (std::size_t i = 0; i < transitions; ++i) {
      data->times.push_back(big_endian(bytes, body + i * width, width));
      data->offsets.push_back(offset_of(static_cast<unsigned char>(bytes[body + transitions * width + i])));
    }
    if (!std::is_sorted(data->times.begin(), data->times.end())) return zone;
    data->first = offset_of(0);
    if (width == 8 && end < bytes.size() && bytes[end] == '\n')
      data->rule = read_rule(bytes.substr(end + 1, bytes.find('\n', end + 1) - end - 1));
    break;
  }
  bool const flat = data->times.empty() && data->first == 0 &&
                    (!data->rule || (!data->rule->has_daylight && data->rule->standard == 0));
  if (!flat) zone.data_ = std::move(data);
  return zone;
}

TimeZone TimeZone::built_in(std::string_view name) {
  for (auto const& file : embedded_zones())
    if (file.name == name) return from_tzif(file.bytes);
  return {};
}

TimeZone TimeZone::named(std::string const& name) {
  auto const read = [](std::string const& path) {
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  std::string wanted = !name.empty() && name[0] == ':' ? name.substr(1) : name;
  if (wanted.empty() || wanted == "UTC" || wanted == "UTC0" || wanted == "GMT") return {};
  bool const plain = wanted.find("..") == std::string::npos;
  auto const bytes = wanted[0] == '/' ? read(wanted) : plain ? read("/usr/share/zoneinfo/" + wanted) : std::string();
  if (bytes.size() > 44) return from_tzif(bytes);
  TimeZone const zone = built_in(wanted);
  return zone.is_utc() ? from_rule(wanted) : zone;
}

double TimeZone::offset(double utc_ms) const {
  if (!data_ || !std::isfinite(utc_ms)) return 0;
  return static_cast<double>(data_->offset(static_cast<std::int64_t>(std::floor(utc_ms / 1000)))) * 1000;
}
double TimeZone::to_utc(double local_ms) const {
  if (!data_ || !std::isfinite(local_ms)) return local_ms;
  // A day to either side lies on one side of any change: the two offsets that may hold here.
  double const before = offset(local_ms - kMillisecondsPerDay), after = offset(local_ms + kMillisecondsPerDay);
  if (before == after) {
    double const here = offset(local_ms - before);  // Two changes within two days are rare but real.
    return local_ms - here;
  }
  double const early = local_ms - before;
  if (offset(early) == before) return early;
  double const late = local_ms - after;
  return offset(late) == after ? late : early;
}

namespace {
TimeZone& current_zone() {
  // What localtime() does on its own: TZ, else the system's default. It is read once, here only.
  static TimeZone zone = [] {
    char const* name = std::getenv("TZ");
    return name ? TimeZone::named(name) : TimeZone::named("/etc/localtime");
  }();
  return zone;
}
}  // namespace

TimeZone const& local_zone() { return current_zone(); }
void set_local_zone(TimeZone zone) { current_zone() = std::move(zone); }

double time_clip(double ms) { return std::fabs(ms) <= 8.64e15 ? std::trunc(ms) + 0.0 : kNaN; }
double to_local(double utc_ms, Zone zone) { return zone == Zone::Utc ? utc_ms : utc_ms + local_zone().offset(utc_ms); }
double from_local(double local_ms, Zone zone) { return zone == Zone::Utc ? local_ms : local_zone().to_utc(local_ms); }

CivilTime civil_time(double ms, Zone zone) {
  double const local = to_local(ms, zone);
  double const days = std::floor(local / kMillisecondsPerDay);
  auto const rest = static_cast<int>(local - days * kMillisecondsPerDay);
  CivilTime out;
  std::int64_t year;
  auto const whole = static_cast<std::int64_t>(days);
  civil_from_days(whole, year, out.month, out.day);
  out.year = static_cast<double>(year);
  --out.month;
  out.hours = rest / 3600000;
  out.minutes = rest / 60000 % 60;
  out.seconds = rest / 1000 % 60;
  out.milliseconds = rest % 1000;
  out.weekday = static_cast<int>(((whole + 4) % 7 + 7) % 7);
  return out;
}

double make_time(double year, double month, double day, double hours, double minutes, double seconds, double ms,
                 Zone zone) {
  double const sum = year + month + day + hours + minutes + seconds + ms;
  if (!std::isfinite(sum)) return kNaN;
  year = std::trunc(year);
  month = std::trunc(month);
  year += std::floor(month / 12);
  month -= std::floor(month / 12) * 12;
  if (std::fabs(year) > 400000) return kNaN;
  auto const first = days_from_civil(static_cast<std::int64_t>(year), static_cast<int>(month) + 1, 1);
  double const days = static_cast<double>(first) + std::trunc(day) - 1;
  double const local = days * kMillisecondsPerDay + std::trunc(hours) * 3600000 + std::trunc(minutes) * 60000 +
                       std::trunc(seconds) * 1000 + std::trunc(ms);
  if (std::fabs(local) > 8.64e15 + 2 * kMillisecondsPerDay) return kNaN;
  return time_clip(from_local(local, zone));
}

}  // namespace cml::vega

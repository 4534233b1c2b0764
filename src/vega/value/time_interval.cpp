#include "vega/value/time_interval.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"
#include "vega/value/number_format.hpp"

namespace cml::vega {
namespace {

constexpr double kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour, kWeek = 7 * kDay;
constexpr double kMonth = 30 * kDay, kYear = 365 * kDay;
constexpr std::size_t kMaxRange = 1'000'000;

double modulo(double x, double n) { return x - std::floor(x / n) * n; }

// Midnight that starts the day of a local time, as an instant.
double at_midnight(double year, double month, double day, Zone zone) {
  return make_time(year, month, day, 0, 0, 0, 0, zone);
}

}  // namespace

double TimeInterval::floor_one(double ms) const {
  if (std::isnan(ms)) return ms;
  switch (unit_) {
    case Unit::Millisecond:
      return step_ > 1 ? std::floor(ms / step_) * step_ : ms;
    case Unit::Second:
      return ms - modulo(to_local(ms, zone_), kSecond);
    case Unit::Minute:
      return ms - modulo(to_local(ms, zone_), kMinute);
    case Unit::Hour:
      return ms - modulo(to_local(ms, zone_), kHour);
    default:
      break;
  }
  auto const t = civil_time(ms, zone_);
  switch (unit_) {
    case Unit::Week:
      return at_midnight(t.year, t.month, t.day - (t.weekday + 7 - weekday_) % 7, zone_);
    case Unit::Month:
      return at_midnight(t.year, t.month, 1, zone_);
    case Unit::Year:
      return at_midnight(std::floor(t.year / step_) * step_, 0, 1, zone_);
    default:
      return at_midnight(t.year, t.month, t.day, zone_);
  }
}

double TimeInterval::offset_one(double ms, double step) const {
  if (std::isnan(ms)) return ms;
  switch (unit_) {
    case Unit::Millisecond:
      return time_clip(ms + step * step_);
    case Unit::Second:
      return time_clip(ms + step * kSecond);
    case Unit::Minute:
      return time_clip(ms + step * kMinute);
    case Unit::Hour:
      return time_clip(ms + step * kHour);
    default:
      break;
  }
  auto const t = civil_time(ms, zone_);
  double year = t.year, month = t.month, day = t.day;
  if (unit_ == Unit::Week)
    day += 7 * step;
  else if (unit_ == Unit::Month)
    month += step;
  else if (unit_ == Unit::Year)
    year += step * step_;
  else
    day += step;
  return make_time(year, month, day, t.hours, t.minutes, t.seconds, t.milliseconds, zone_);
}

bool TimeInterval::kept(double ms) const {
  double field = 0;
  switch (unit_) {
    case Unit::Second:
      field = civil_time(ms, Zone::Utc).seconds;
      break;
    case Unit::Minute:
      field = civil_time(ms, zone_).minutes;
      break;
    case Unit::Hour:
      field = civil_time(ms, zone_).hours;
      break;
    case Unit::Day:
      field = civil_time(ms, zone_).day - 1;
      break;
    case Unit::UnixDay:
      field = std::floor(ms / kDay);
      break;
    case Unit::Month:
      field = civil_time(ms, zone_).month;
      break;
    default:
      field = TimeInterval(unit_, zone_, weekday_).count(0, ms);
      break;
  }
  return std::fmod(field, step_) == 0;
}

double TimeInterval::floor(double ms) const {
  ms = time_clip(ms);
  if (!filtered()) return floor_one(ms);
  if (std::isnan(ms)) return ms;
  for (;;) {
    ms = floor_one(ms);
    if (std::isnan(ms) || kept(ms)) return ms;
    ms -= 1;
  }
}
double TimeInterval::ceil(double ms) const {
  ms = time_clip(ms - 1);
  return floor(offset(floor(ms), 1));
}
double TimeInterval::round(double ms) const {
  double const before = floor(ms), after = ceil(ms);
  return ms - before < after - ms ? before : after;
}
double TimeInterval::offset(double ms, double step) const {
  ms = time_clip(ms);
  step = std::floor(step);
  if (!filtered()) return offset_one(ms, step);
  if (std::isnan(ms) || std::isnan(step)) return kNaN;
  if (std::fabs(step) * step_ > static_cast<double>(kMaxRange)) fail("", "time offset of more than a million units");
  double const direction = step < 0 ? -1 : 1;
  for (double i = std::fabs(step); i > 0; --i) {
    do ms = offset_one(ms, direction);
    while (!std::isnan(ms) && !kept(ms));
  }
  return ms;
}
std::vector<double> TimeInterval::range(double start, double stop, double step) const {
  std::vector<double> out;
  start = ceil(start);
  step = std::floor(step);
  if (!(start < stop) || !(step > 0)) return out;
  double previous;
  do {
    if (out.size() >= kMaxRange) fail("", "time range of more than a million values: choose a larger unit or step");
    out.push_back(previous = start);
    start = floor(offset(start, step));
  } while (previous < start && start < stop);
  return out;
}
double TimeInterval::count(double start, double stop) const {
  double const a = floor_one(time_clip(start)), b = floor_one(time_clip(stop));
  if (std::isnan(a) || std::isnan(b)) return kNaN;
  auto const span = [&](double unit) { return std::floor((b - a) / unit); };
  switch (unit_) {
    case Unit::Millisecond:
      return span(step_);
    case Unit::Second:
      return span(kSecond);
    case Unit::Minute:
      return span(kMinute);
    case Unit::Hour:
      return span(kHour);
    case Unit::Month:
    case Unit::Year: {
      auto const s = civil_time(a, zone_), e = civil_time(b, zone_);
      return unit_ == Unit::Year ? e.year - s.year : e.month - s.month + (e.year - s.year) * 12;
    }
    default:
      break;
  }
  double const local = to_local(b, zone_) - to_local(a, zone_);
  return std::floor(local / (unit_ == Unit::Week ? kWeek : kDay));
}
std::optional<TimeInterval> TimeInterval::every(double step) const {
  step = std::floor(step);
  if (!std::isfinite(step) || !(step > 0)) return {};
  auto out = *this;
  out.step_ = step;
  // A step past what the unit's field can hold keeps only its zero; searching further than this is never needed.
  if (out.filtered() && step > 1e6) fail("", "time step of more than a million units");
  return out;
}

// --- Ticks --------------------------------------------------------------------------------------------------------

std::optional<TimeInterval> time_tick_interval(double start, double stop, double count, Zone zone) {
  using Unit = TimeInterval::Unit;
  struct Row {
    Unit unit;
    double step, duration;
  };
  static constexpr std::array<Row, 18> kRows{{{Unit::Second, 1, kSecond},
                                              {Unit::Second, 5, 5 * kSecond},
                                              {Unit::Second, 15, 15 * kSecond},
                                              {Unit::Second, 30, 30 * kSecond},
                                              {Unit::Minute, 1, kMinute},
                                              {Unit::Minute, 5, 5 * kMinute},
                                              {Unit::Minute, 15, 15 * kMinute},
                                              {Unit::Minute, 30, 30 * kMinute},
                                              {Unit::Hour, 1, kHour},
                                              {Unit::Hour, 3, 3 * kHour},
                                              {Unit::Hour, 6, 6 * kHour},
                                              {Unit::Hour, 12, 12 * kHour},
                                              {Unit::Day, 1, kDay},
                                              {Unit::Day, 2, 2 * kDay},
                                              {Unit::Week, 1, kWeek},
                                              {Unit::Month, 1, kMonth},
                                              {Unit::Month, 3, 3 * kMonth},
                                              {Unit::Year, 1, kYear}}};
  double const target = std::fabs(stop - start) / count;
  auto const after =
      std::upper_bound(kRows.begin(), kRows.end(), target, [](double t, Row const& row) { return t < row.duration; });
  if (after == kRows.end())
    return TimeInterval(Unit::Year, zone).every(decimal::tick_step(start / kYear, stop / kYear, count));
  if (after == kRows.begin())
    return TimeInterval(Unit::Millisecond, zone).every(std::fmax(decimal::tick_step(start, stop, count), 1));
  auto const before = after - 1;
  auto const& row = target / before->duration < after->duration / target ? *before : *after;
  auto const unit = row.unit == Unit::Day && zone == Zone::Utc ? Unit::UnixDay : row.unit;
  return TimeInterval(unit, zone).every(row.step);
}

std::vector<double> time_ticks(double start, double stop, TimeInterval const& interval) {
  bool const reverse = stop < start;
  if (reverse) std::swap(start, stop);
  auto out = interval.range(start, stop + 1);
  if (reverse) std::reverse(out.begin(), out.end());
  return out;
}
std::vector<double> time_ticks(double start, double stop, double count, Zone zone) {
  if (std::isnan(start) || std::isnan(stop)) return {};
  auto const interval = time_tick_interval(std::min(start, stop), std::max(start, stop), count, zone);
  return interval ? time_ticks(start, stop, *interval) : std::vector<double>();
}

}  // namespace cml::vega

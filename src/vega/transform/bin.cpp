// bin: numbers to intervals of a nice step (vega-statistics' bin). timeunit: instants to calendar units.
#include <algorithm>
#include <cmath>
#include <limits>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"
#include "vega/value/js_number.hpp"
#include "vega/value/time_unit.hpp"

namespace cml::vega {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kStepEpsilon = 1e-14;

struct Bins {
  double start, stop, step;
};

double or_default(double value, double fallback) { return value == 0 || std::isnan(value) ? fallback : value; }

Bins make_bins(Parameters const& p) {
  double const max_bins = or_default(p.number("maxbins", 20), 20), base = or_default(p.number("base", 10), 10),
               log_base = std::log(base);
  auto const divide = p.numbers("divide").value_or(std::vector<double>{5, 2});
  auto const extent = p.numbers("extent", 2);
  if (!extent) fail(p.context().path, "missing required parameter \"extent\"");
  double low = (*extent)[0], high = (*extent)[1];
  double const span = or_default(or_default(or_default(p.number("span", 0), high - low), std::fabs(low)), 1);
  double step = p.number("step", 0);
  if (auto const steps = p.numbers("steps"); !(step != 0 && !std::isnan(step)) && steps && !steps->empty()) {
    double const wanted = span / max_bins;
    std::size_t i = 0;
    while (i < steps->size() && (*steps)[i] < wanted) ++i;
    step = (*steps)[i ? i - 1 : 0];
  } else if (step == 0 || std::isnan(step)) {
    double const level = std::ceil(std::log(max_bins) / log_base), min_step = p.number("minstep", 0);
    step = std::fmax(min_step, std::pow(base, js_round(std::log(span) / log_base) - level));
    for (int i = 0; i < 2000 && std::ceil(span / step) > max_bins; ++i) step *= base;
    for (double d : divide) {
      double const v = step / d;
      if (v >= min_step && span / v <= max_bins) step = v;
    }
  }
  double const log_step = std::log(step);
  double const precision = log_step >= 0 ? 0 : std::trunc(-log_step / log_base) + 1,
               epsilon = std::pow(base, -precision - 1);
  if (p.boolean("nice", true)) {
    double const v = std::floor(low / step + epsilon) * step;
    low = low < v ? v - step : v;
    high = std::ceil(high / step) * step;
  }
  return {low, high == low ? low + step : high, step};
}

TableRef apply_bin(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.required_field("field");
  auto const bins = make_bins(p);
  bool const band = p.boolean("interval", true);
  auto const as = p.names({"bin0", "bin1"});
  double start = bins.start, stop = start + std::ceil((bins.stop - start) / bins.step) * bins.step;
  double const step = bins.step;
  if (auto const anchor = p.number("anchor")) {
    double const shift = *anchor - (start + step * std::floor((*anchor - start) / step));
    start += shift;
    stop += shift;
  }
  auto const cells = field.of(*input, context.scope);
  double const null = bits_to_double(kNullBits);
  bool const textual = cells.column() && !cells.column()->numeric();
  std::vector<double> lows(cells.size()), highs(band ? cells.size() : 0);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    bool blank = cells.nullish(row);
    if (!blank && textual) {
      auto const value = cells.value(row);
      blank = value.is_string() && value.string().empty();
    }
    if (blank) {
      lows[row] = null;
      if (band) highs[row] = null;
      continue;
    }
    double v = cells.number(row);
    if (v < start)
      v = -kInfinity;
    else if (v > stop)
      v = kInfinity;
    else if (!std::isnan(v)) {
      v = std::fmax(start, std::fmin(v, stop - step));
      v = start + step * std::floor(kStepEpsilon + (v - start) / step);
    }
    lows[row] = v;
    // This order of operations makes neighbouring bins agree to the last bit; infinities pass through.
    if (band) highs[row] = start + step * (1 + (v - start) / step);
  }
  auto const name = p.string("name", "bin_" + field.name());
  context.signal = Value::object({{"start", start},
                                  {"stop", stop},
                                  {"step", step},
                                  {"fields", Value::array({Value(field.name())})},
                                  {"fname", Value(name)}});
  auto out = input->with_column(as[0], Column::of_numbers(std::move(lows)));
  return band ? out->with_column(as[1], Column::of_numbers(std::move(highs))) : out;
}

// --- timeunit -------------------------------------------------------------------------------------------------------

double instant(FieldColumn const& cells, std::size_t row) {
  auto const* column = cells.column();
  // setTime(+v): text is a number here, not a date.
  return column ? cells.number(row) : kNaN;
}

// The coarsest units that all instants are aligned to (vega-time's detectTimeUnits).
TimeBin detect_units(FieldColumn const& cells, Zone zone, std::string const& path) {
  struct Grain {
    int units;  // How many of year ... milliseconds; 0 is year and week.
    double step;
    bool skippable;
    bool (*aligned)(CivilTime const&);
  };
  static constexpr Grain kGrains[] = {
      {7, 1, false, [](CivilTime const&) { return true; }},
      {6, 1, false, [](CivilTime const& t) { return t.milliseconds == 0; }},
      {5, 1, false, [](CivilTime const& t) { return t.seconds == 0; }},
      {5, 5, false, [](CivilTime const& t) { return t.minutes % 5 == 0; }},
      {5, 10, false, [](CivilTime const& t) { return t.minutes % 10 == 0; }},
      {4, 1, false, [](CivilTime const& t) { return t.minutes == 0; }},
      {3, 1, false, [](CivilTime const& t) { return t.hours == 0; }},
      {0, 1, true, nullptr},
      {2, 1, false, [](CivilTime const& t) { return t.day == 1; }},
      {2, 3, false, [](CivilTime const& t) { return t.month % 3 == 0; }},
      {1, 1, false, [](CivilTime const& t) { return t.month == 0; }},
      {1, 10, false, [](CivilTime const& t) { return std::fmod(t.year, 10) == 0; }},
  };
  constexpr std::size_t kCount = std::size(kGrains);
  bool aligned[kCount];
  std::fill(std::begin(aligned), std::end(aligned), true);
  int weekday = -1;
  for (std::size_t row = 0; row < cells.size(); ++row) {
    double const ms = to_instant(cells.value(row));
    if (std::isnan(ms)) fail(path, "invalid date: " + js_string(cells.value(row)).substr(0, 60));
    auto const t = civil_time(ms, zone);
    for (std::size_t g = 0; g < kCount; ++g) {
      if (kGrains[g].aligned)
        aligned[g] = aligned[g] && kGrains[g].aligned(t);
      else if (weekday >= 0 && t.weekday != weekday)
        aligned[g] = false;
    }
    if (weekday < 0) weekday = t.weekday;
  }
  if (cells.size() == 0)
    for (std::size_t g = 0; g < kCount; ++g)
      if (!kGrains[g].aligned) aligned[g] = false;  // A set of no weekdays has not the size one.
  std::size_t mismatch = kCount, required = kCount;
  for (std::size_t g = kCount; g-- > 0;) {
    if (aligned[g]) continue;
    mismatch = g;
    if (!kGrains[g].skippable) required = g;
  }
  auto const& grain = kGrains[(required > mismatch + 1 ? required : mismatch) - 1];
  static constexpr TimeUnit kUnits[] = {TimeUnit::Year,    TimeUnit::Month,   TimeUnit::Date,        TimeUnit::Hours,
                                        TimeUnit::Minutes, TimeUnit::Seconds, TimeUnit::Milliseconds};
  if (!grain.units) return {{TimeUnit::Year, TimeUnit::Week}, grain.step};
  return {std::vector<TimeUnit>(kUnits, kUnits + grain.units), grain.step};
}

// Year alone, or with all units down to some: then the floor of an instant is the last start before it.
bool without_gaps(std::vector<TimeUnit> const& units) {
  static constexpr TimeUnit kChain[] = {TimeUnit::Year,  TimeUnit::Month,   TimeUnit::Date,
                                        TimeUnit::Hours, TimeUnit::Minutes, TimeUnit::Seconds};
  return units.size() <= std::size(kChain) && std::equal(units.begin(), units.end(), kChain);
}

TableRef apply_timeunit(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.required_field("field");
  bool const band = p.boolean("interval", true);
  auto const zone = p.one_of("timezone", "local", {"local", "utc"}) == "utc" ? Zone::Utc : Zone::Local;
  auto const as = p.names({"unit0", "unit1"});
  auto const cells = field.of(*input, context.scope);
  TimeBin bin;
  if (p.boolean("inferUnits", false)) {
    if (p.has("units") || p.has("step") || p.has("maxbins") || p.has("extent"))
      context.diagnostics.warn(context.path, "inferUnits overrides units, step, maxbins and extent");
    bin = detect_units(cells, zone, context.path);
  } else if (p.has("units")) {
    bin = {time_units(p.value("units")), or_default(p.number("step", 1), 1)};
  } else {
    double low = kNaN, high = kNaN;
    if (auto const extent = p.list("extent")) {
      low = extent->empty() ? kNaN : to_instant((*extent)[0]);
      high = extent->empty() ? kNaN : to_instant(extent->back());
    } else {
      for (std::size_t row = 0; row < cells.size(); ++row) {
        if (cells.nullish(row)) continue;
        double const ms = instant(cells, row);
        if (!(ms >= low)) low = std::isnan(ms) ? low : ms;
        if (!(ms <= high)) high = std::isnan(ms) ? high : ms;
      }
    }
    bin = time_bin(low, high, p.number("maxbins", 40));
  }
  if (bin.units.empty()) fail(context.path, "missing time unit");
  TimeFloor const floor(bin.units, bin.step, zone);
  auto const interval = time_unit_interval(bin.units.back(), zone);
  double const null = bits_to_double(kNullBits);
  std::vector<double> starts(cells.size()), ends(band ? cells.size() : 0);
  double low = kInfinity, high = -kInfinity, last = kNaN, last_start = kNaN, last_end = kNaN;
  bool const gapless = band && bin.step == 1 && without_gaps(bin.units);
  for (std::size_t row = 0; row < cells.size(); ++row) {
    if (cells.nullish(row)) {
      starts[row] = null;
      if (band) ends[row] = null;
      continue;
    }
    double const ms = instant(cells, row);
    // Runs within one unit are common: where units have no gaps, all instants of an interval share its start.
    if (!(ms == last || (gapless && ms >= last_start && ms < last_end))) {
      last = ms;
      last_start = last_end = floor(ms);
      if (band) last_end = interval.offset(last_start, bin.step);
    }
    starts[row] = last_start;
    if (band) ends[row] = last_end;
    if (last_start < low) low = last_start;
    if (last_end > high) high = last_end;
  }
  Array units;
  for (auto unit : bin.units) units.emplace_back(time_unit_name(unit));
  context.signal = Value::object({{"unit", units.back()},
                                  {"units", Value(units)},
                                  {"step", bin.step},
                                  {"start", Value::date(low)},
                                  {"stop", Value::date(high)}});
  auto out = input->with_column(as[0], Column::of_numbers(std::move(starts), Column::Kind::Date));
  return band ? out->with_column(as[1], Column::of_numbers(std::move(ends), Column::Kind::Date)) : out;
}

constexpr std::string_view kBinParameters[] = {"field", "interval", "anchor", "maxbins", "base", "divide", "extent",
                                               "span",  "step",     "steps",  "minstep", "nice", "name"};
constexpr std::string_view kTimeParameters[] = {"field",   "interval", "units",      "step",
                                                "maxbins", "extent",   "inferUnits", "timezone"};

}  // namespace

TransformType const kBin{"bin", kBinParameters, apply_bin};
TransformType const kTimeUnit{"timeunit", kTimeParameters, apply_timeunit};

}  // namespace cml::vega

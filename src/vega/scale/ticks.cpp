// Ticks of scales. Formulas: d3-scale log ticks, vega-scale ticks.
#include <algorithm>
#include <cmath>

#include "vega/scale/scale.hpp"
#include "vega/scale/time_ticks.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/number_format.hpp"

namespace cml::vega {
namespace {

constexpr double kMaxTicks = 10000;  // A hostile tick count must not become memory.

}  // namespace

std::vector<double> number_ticks(double start, double stop, double count) {
  if (!std::isfinite(start) || !std::isfinite(stop)) return {};
  return decimal::ticks(start, stop, std::min(count, kMaxTicks));
}

namespace {

std::vector<double> log_ticks(double u, double v, double base, double n) {
  bool const reverse = v < u;
  if (reverse) std::swap(u, v);
  bool const negative = u < 0;
  auto const logs = [&](double x) {
    double const a = negative ? -x : x;
    double const l = base == 10 ? std::log10(a) : base == 2 ? std::log2(a) : std::log(a) / std::log(base);
    return negative ? -l : l;
  };
  auto const pows = [&](double x) { return negative ? -std::pow(base, -x) : std::pow(base, x); };
  double i = logs(u), j = logs(v);
  std::vector<double> out;
  if (!std::isfinite(i) || !std::isfinite(j)) return out;
  if (std::fmod(base, 1) == 0 && j - i < n) {
    i = std::floor(i), j = std::ceil(j);
    if (u > 0) {
      for (; i <= j; ++i)
        for (double k = 1; k < base; ++k) {
          budget::steps(50);
          double const t = i < 0 ? k / pows(-i) : k * pows(i);
          if (t < u) continue;
          if (t > v) break;
          out.push_back(t);
        }
    } else {
      for (; i <= j; ++i)
        for (double k = base - 1; k >= 1; --k) {
          budget::steps(50);
          double const t = i > 0 ? k / pows(-i) : k * pows(i);
          if (t < u) continue;
          if (t > v) break;
          out.push_back(t);
        }
    }
    if (static_cast<double>(out.size()) * 2 < n) out = number_ticks(u, v, n);
  } else {
    for (double t : number_ticks(i, j, std::min(j - i, n))) out.push_back(pows(t));
  }
  if (reverse) std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

Array Scale::ticks(Value const& count) const {
  Array out;
  // Without a domain there is nothing to mark; an axis is its line then.
  if ((continuous() || discretizing()) && domain_.empty()) return out;
  if (temporal()) {
    for (double t : time_ticks(domain_.front(), domain_.back(), count, type_ == ScaleType::Utc))
      out.push_back(Value::date(t));
    return out;
  }
  if (discrete() || type_ == ScaleType::Threshold || type_ == ScaleType::Quantile || type_ == ScaleType::BinOrdinal)
    return domain();
  double const n = count.is_nullish() ? 10 : count.to_number();
  auto const values = type_ == ScaleType::Log ? log_ticks(domain_.front(), domain_.back(), base_, n)
                                              : number_ticks(domain_.front(), domain_.back(), n);
  for (double v : values) out.emplace_back(v);
  return out;
}

Value effective_tick_count(Scale const& scale, Value const& count, Value const& min_step) {
  if (!count.is_number()) return count;
  double n = count.number();
  if (scale.bins()) n = std::max(n, static_cast<double>(scale.bins()->size()));
  if (!min_step.is_nullish() && (scale.continuous() || scale.type() == ScaleType::Quantize)) {
    auto const domain = scale.domain();
    if (domain.empty()) return n;
    double const a = domain.front().to_number(), b = domain.back().to_number();
    double const lo = std::min(a, b), hi = std::max(a, b), step = min_step.to_number();
    double const most = std::floor((hi - lo) / step);
    n = std::min(n, (std::isnan(most) || most == 0 ? 1 : most) + 1);
    if (!scale.bins() && !scale.logarithmic() && !scale.temporal() && lo < hi)
      for (n = std::min(n, kMaxTicks); n > 1 && decimal::tick_step(lo, hi, n) < step; --n) budget::steps(50);
  }
  return n;
}

Array valid_ticks(Scale const& scale, Array const& candidates, Value const& count) {
  auto const range = scale.range();
  double lo = range.empty() ? 0 : range.front().to_number(), hi = range.empty() ? 0 : range.back().to_number();
  bool const descending = lo > hi;
  if (descending) std::swap(lo, hi);
  lo = std::floor(lo), hi = std::ceil(hi);
  std::vector<std::pair<double, Value>> kept;
  for (auto const& value : candidates) {
    double const at = scale.map(value).to_number();
    if (lo <= at && at <= hi) kept.emplace_back(at, value);
  }
  std::stable_sort(kept.begin(), kept.end(), [descending](auto const& a, auto const& b) {
    return descending ? a.first > b.first : a.first < b.first;
  });
  Array ticks;
  for (auto& [at, value] : kept) ticks.push_back(value);
  if (count.is_number() && count.number() > 0 && ticks.size() > 1) {
    Array const ends{ticks.front(), ticks.back()};
    while (static_cast<double>(ticks.size()) > count.number() && ticks.size() >= 3) {
      Array thinned;
      for (std::size_t i = 0; i < ticks.size(); i += 2) thinned.push_back(ticks[i]);
      ticks = std::move(thinned);
    }
    if (ticks.size() < 3) ticks = ends;
  }
  return ticks;
}

Array tick_values(Scale const& scale, Value const& count) {
  if (scale.bins()) return valid_ticks(scale, *scale.bins(), count);
  return scale.ticks(count);
}

}  // namespace cml::vega

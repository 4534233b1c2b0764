// Mapping through a built scale. Formulas: d3-scale continuous, sequential, diverging, quantize; vega-scale band.
#include "vega/scale/scale.hpp"

#include "vega/value/numbers.hpp"

#include <algorithm>
#include <cmath>

namespace cml::vega {
namespace {

// d3's InternMap: dates are found by their time.
Value intern(Value const& v) { return v.is_date() ? Value(v.number()) : v; }

}  // namespace

double Scale::transform(double x) const {
  switch (type_) {
    case ScaleType::Log:
      return !domain_.empty() && domain_[0] < 0 ? -std::log(-x) : std::log(x);
    case ScaleType::Pow:
      return exponent_ == 1 ? x : signed_power(x, exponent_);
    case ScaleType::Sqrt:
      return x < 0 ? -std::sqrt(-x) : std::sqrt(x);
    case ScaleType::Symlog:
      return std::copysign(std::log1p(std::fabs(x / constant_)), x);
    default:
      return x;
  }
}
double Scale::untransform(double x) const {
  switch (type_) {
    case ScaleType::Log:
      return !domain_.empty() && domain_[0] < 0 ? -std::exp(-x) : std::exp(x);
    case ScaleType::Pow:
      return exponent_ == 1 ? x : signed_power(x, 1 / exponent_);
    case ScaleType::Sqrt:
      return x < 0 ? -x * x : x * x;
    case ScaleType::Symlog:
      return std::copysign(std::expm1(std::fabs(x)) * constant_, x);
    default:
      return x;
  }
}

std::size_t Scale::bisect(double x) const {
  return static_cast<std::size_t>(std::upper_bound(thresholds_.begin(), thresholds_.end(), x) - thresholds_.begin());
}

double Scale::map_number(double x) const {
  if (type_ == ScaleType::Identity) return x;
  if (std::isnan(x) || knots_.size() < 2 || outputs_.size() < 2) return kNaN;
  double t = transform(x);
  if (clamp_) t = std::clamp(t, knots_.front(), knots_.back());
  std::size_t i = 1;
  if (knots_.size() > 2) {
    i = static_cast<std::size_t>(std::upper_bound(knots_.begin() + 1, knots_.end() - 1, t) - knots_.begin());
    i = std::min(i, knots_.size() - 1);
  }
  double const a = knots_[i - 1], d = knots_[i] - a;
  double const f = d != 0 && !std::isnan(d) ? (t - a) / d : std::isnan(d) ? kNaN : 0.5;
  double const y = outputs_[i - 1] * (1 - f) + outputs_[i] * f;
  return round_ ? std::floor(y + 0.5) : y;
}

Value Scale::map_discrete(Value const& input) const {
  auto const found = index_.find(intern(input));
  if (found == index_.end()) {
    if (type_ == ScaleType::Ordinal && implicit_domain_ && !range_.empty()) {
      // An implicit domain grows in d3 by every value looked up; a picture asks in data order, so the order is kept.
      auto* self = const_cast<Scale*>(this);
      self->index_.emplace(intern(input), self->values_.size());
      self->values_.push_back(input);
      return range_[(values_.size() - 1) % range_.size()];
    }
    return {};
  }
  if (type_ == ScaleType::Ordinal) return range_.empty() ? Value() : range_[found->second % range_.size()];
  return positions_[found->second];
}

Value Scale::map(Value const& input) const {
  if (discrete()) return map_discrete(input);
  if (input.is_nullish()) return {};
  double const x = input.to_number();
  if (std::isnan(x)) return {};
  if (ramp_ == Ramp::Sequential) {
    if (domain_.size() < 2) return {};
    double const t0 = transform(domain_[0]), t1 = transform(domain_[1]);
    double t =
        t0 == t1 ? 0.5 : (transform(x) - t0) * (1 / (t1 - t0));  // In d3's order: a colour's last digit depends on it.
    if (clamp_) t = std::clamp(t, 0.0, 1.0);
    return interpolator_(t);
  }
  if (ramp_ == Ramp::Diverging) {
    if (domain_.size() < 3) return {};
    double const t0 = transform(domain_[0]), t1 = transform(domain_[1]), t2 = transform(domain_[2]);
    double const k10 = t0 == t1 ? 0 : 0.5 / (t1 - t0), k21 = t1 == t2 ? 0 : 0.5 / (t2 - t1), s = t1 < t0 ? -1 : 1;
    double const tx = transform(x);
    double t = 0.5 + (tx - t1) * (s * tx < s * t1 ? k10 : k21);
    if (clamp_) t = std::clamp(t, 0.0, 1.0);
    return interpolator_(t);
  }
  if (continuous()) {
    if (type_ == ScaleType::Identity) return x;
    if (numeric_range_) {
      double const y = map_number(x);
      return std::isnan(y) && knots_.size() < 2 ? Value() : Value(y);
    }
    if (pieces_.empty()) return {};
    double t = transform(x);
    if (clamp_) t = std::clamp(t, knots_.front(), knots_.back());
    std::size_t i = 1;
    while (i + 1 < knots_.size() && t >= knots_[i]) ++i;
    double const d = knots_[i] - knots_[i - 1];
    return pieces_[i - 1](d != 0 ? (t - knots_[i - 1]) / d : 0.5);
  }
  if (range_.empty()) return {};
  if (type_ == ScaleType::BinOrdinal) {
    auto const i = static_cast<long>(bisect(x)) - 1;
    return i < 0 ? Value() : range_[static_cast<std::size_t>(i) % range_.size()];
  }
  auto const i = bisect(x);
  return i < range_.size() ? range_[i] : Value();
}

ColumnRef Scale::map_column(Column const& input) const {
  std::size_t const n = input.size();
  if (numeric() && input.kind() == Column::Kind::Number) {
    std::vector<double> out(n);
    auto const& in = input.numbers();
    double const undefined = bits_to_double(kUndefinedBits);
    for (std::size_t i = 0; i < n; ++i) out[i] = std::isnan(in[i]) ? undefined : map_number(in[i]);
    return Column::of_numbers(std::move(out));
  }
  if (input.kind() == Column::Kind::String) {  // Once for each distinct string.
    std::vector<Value> mapped;
    mapped.reserve(input.dictionary().size());
    // Only what is there is asked for, in the rows' order: an implicit domain grows by every question.
    std::vector<bool> known(input.dictionary().size(), false);
    mapped.resize(known.size());
    ColumnBuilder out;
    out.reserve(n);
    for (auto const code : input.codes()) {
      if (code >= Column::kNullCode) {
        out.push(code == Column::kNullCode ? map(nullptr) : map(Value()));
        continue;
      }
      if (!known[code]) {
        mapped[code] = map(Value(input.dictionary()[code]));
        known[code] = true;
      }
      out.push(mapped[code]);
    }
    return out.finish();
  }
  ColumnBuilder out;
  out.reserve(n);
  for (std::size_t i = 0; i < n; ++i) out.push(map(input.at(i)));
  return out.finish();
}

// The ends of what a discretizing scale maps to `output` (d3's invertExtent); NaN or undefined when it maps nothing to
// it.
Value Scale::invert_extent(Value const& output) const {
  auto const place = std::find(range_.begin(), range_.end(), output);
  auto const i = place - range_.begin(), last = static_cast<std::ptrdiff_t>(thresholds_.size());
  if (type_ == ScaleType::Threshold) {
    bool const found = place != range_.end();
    return Value::array({found && i > 0 && i <= last ? Value(thresholds_[static_cast<std::size_t>(i - 1)]) : Value(),
                         found && i < last ? Value(thresholds_[static_cast<std::size_t>(i)]) : Value()});
  }
  if (place == range_.end() || domain_.empty()) return Value::array({Value(std::nan("")), Value(std::nan(""))});
  return Value::array({Value(i > 0 && i <= last ? thresholds_[static_cast<std::size_t>(i - 1)] : domain_.front()),
                       Value(i < last ? thresholds_[static_cast<std::size_t>(i)] : domain_.back())});
}

Value Scale::invert(Value const& output) const {
  if (discretizing() && type_ != ScaleType::BinOrdinal) return invert_extent(output);
  if (discrete()) {
    auto const found = invert_range(output, output);
    return found.is_array() && found.size() ? found.at(0) : Value();
  }
  if (continuous() && ramp_ == Ramp::None && numeric_range_ && knots_.size() >= 2) {
    double const y = output.to_number();
    if (std::isnan(y)) return temporal() ? Value::date(y) : Value(y);
    std::size_t i = 1;
    bool const rising = outputs_.front() <= outputs_.back();
    while (i + 1 < outputs_.size() && (rising ? y >= outputs_[i] : y <= outputs_[i])) ++i;
    // From the lesser output, as d3 does: the last digits depend on it.
    std::size_t const from = outputs_[i] < outputs_[i - 1] ? i : i - 1, to = 2 * i - 1 - from;
    double const d = outputs_[to] - outputs_[from];
    double const f = d != 0 ? (y - outputs_[from]) / d : 0.5;
    double t = knots_[from] * (1 - f) + knots_[to] * f;
    if (clamp_) t = std::clamp(t, knots_.front(), knots_.back());
    double const x = untransform(t);
    return temporal() ? Value::date(x) : Value(x);
  }
  return {};
}

Value Scale::invert_range(Value const& low, Value const& high) const {
  if (low.is_nullish() || high.is_nullish()) return {};
  double lo = low.to_number(), hi = high.to_number();
  if (std::isnan(lo) || std::isnan(hi)) return {};
  if (hi < lo) std::swap(lo, hi);
  if (continuous()) return Value::array({invert(lo), invert(hi)});
  if (discrete() && type_ != ScaleType::Ordinal) {
    Array out;  // Bands that the stretch touches, in domain order (the padding after a band counts to it, to 1e-10).
    bool const reverse = band_range_[1] < band_range_[0];
    double const end = std::max(band_range_[0], band_range_[1]);
    if (positions_.empty() || hi < *std::min_element(positions_.begin(), positions_.end()) || lo > end) return {};
    std::vector<double> sorted(positions_);
    if (reverse) std::reverse(sorted.begin(), sorted.end());
    auto const right = [&sorted](double x) {
      return static_cast<long>(std::upper_bound(sorted.begin(), sorted.end(), x) - sorted.begin());
    };
    long a = std::max(0L, right(lo) - 1), b = lo == hi ? a : right(hi) - 1;
    if (lo - sorted[static_cast<std::size_t>(a)] > bandwidth_ + 1e-10) ++a;
    long const n = static_cast<long>(sorted.size()) - 1;
    if (reverse) {
      long const t = a;
      a = n - b;
      b = n - t;
    }
    if (a > b) return {};
    for (long i = a; i <= b; ++i) out.push_back(values_[static_cast<std::size_t>(i)]);
    return out;
  }
  return {};
}

Array Scale::domain() const {
  if (discrete()) return values_;
  Array out;
  for (double d : domain_) out.push_back(temporal() ? Value::date(d) : Value(d));
  return out;
}
Array Scale::range() const {
  if (type_ == ScaleType::Band || type_ == ScaleType::Point) return {Value(band_range_[0]), Value(band_range_[1])};
  if (ramp_ == Ramp::Sequential) return {interpolator_(0), interpolator_(1)};
  if (ramp_ == Ramp::Diverging) return {interpolator_(0), interpolator_(0.5), interpolator_(1)};
  return range_;
}

std::function<double(double)> Scale::fraction(double min, double max) const {
  double const delta = max - min;
  if (delta == 0 || !std::isfinite(delta)) return [](double) { return 0.5; };
  auto copy = std::make_shared<Scale>(*this);
  copy->domain_ = {min, max};
  double const t0 = copy->transform(min), t1 = copy->transform(max);
  return [copy, t0, t1](double x) { return (copy->transform(x) - t0) / (t1 - t0); };
}

}  // namespace cml::vega

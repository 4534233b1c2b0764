#include "vega/transform/aggregate_ops.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>

#include "vega/expr/coerce.hpp"
#include "vega/transform/statistics.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr std::uint32_t kNoRow = 0xffffffffu;

struct OpRow {
  std::string_view name;
  AggregateOp op;
  int order;  // Outputs of one field appear in this order (vega-transforms' idx).
};
constexpr std::array<OpRow, 25> kOps{{{"values", AggregateOp::Values, -1},
                                      {"count", AggregateOp::Count, 0},
                                      {"missing", AggregateOp::Missing, 0},
                                      {"valid", AggregateOp::Valid, 0},
                                      {"sum", AggregateOp::Sum, 0},
                                      {"product", AggregateOp::Product, 0},
                                      {"mean", AggregateOp::Mean, 0},
                                      {"average", AggregateOp::Average, 1},
                                      {"variance", AggregateOp::Variance, 1},
                                      {"variancep", AggregateOp::VarianceP, 2},
                                      {"stdev", AggregateOp::Stdev, 2},
                                      {"stdevp", AggregateOp::StdevP, 2},
                                      {"stderr", AggregateOp::Stderr, 2},
                                      {"distinct", AggregateOp::Distinct, 3},
                                      {"ci0", AggregateOp::Ci0, 3},
                                      {"ci1", AggregateOp::Ci1, 3},
                                      {"median", AggregateOp::Median, 3},
                                      {"q1", AggregateOp::Q1, 3},
                                      {"q3", AggregateOp::Q3, 3},
                                      {"min", AggregateOp::Min, 4},
                                      {"max", AggregateOp::Max, 4},
                                      {"argmin", AggregateOp::Argmin, 3},
                                      {"argmax", AggregateOp::Argmax, 3},
                                      {"exponential", AggregateOp::Exponential, 0},
                                      {"exponentialb", AggregateOp::ExponentialB, 1}}};

int order_of(AggregateOp op) {
  for (auto const& row : kOps)
    if (row.op == op) return row.order;
  return 0;
}
Value or_undefined(bool defined, double n) { return defined ? Value(n) : Value(); }

}  // namespace

std::optional<AggregateOp> aggregate_op(std::string_view name) {
  for (auto const& row : kOps)
    if (row.name == name) return row.op;
  return {};
}
std::string aggregate_op_names() {
  std::string names;
  for (auto const& row : kOps) names += (names.empty() ? "" : ", ") + std::string(row.name);
  return names;
}
std::string measure_name(std::string_view op, std::string_view field, std::string_view as) {
  if (!as.empty()) return std::string(as);
  return std::string(op) + (field.empty() ? "" : "_" + std::string(field));
}

Measure::Measure(Table const& table, FieldColumn cells) : table_(table), cells_(std::move(cells)) {
  auto const rows = cells_.size();
  numbers_.assign(rows, kNaN);
  status_.assign(rows, 1);
  auto const* column = cells_.column();
  if (!column) return;
  if (column->numeric()) {
    auto const& numbers = column->numbers();
    for (std::size_t row = 0; row < rows; ++row) {
      double const n = numbers[cells_.index(row)];
      if (!std::isnan(n)) {
        numbers_[row] = n;
        status_[row] = 0;
      } else {
        auto const bits = double_to_bits(n);
        status_[row] = bits == kNullBits || bits == kUndefinedBits ? 1 : 2;
      }
    }
    return;
  }
  by_number_ = false;
  if (column->kind() == Column::Kind::String) {
    // Each distinct text becomes a number once.
    texts_ = true;
    auto const& dictionary = column->dictionary();
    std::vector<double> numbers(dictionary.size());
    for (std::size_t i = 0; i < dictionary.size(); ++i) numbers[i] = string_to_number(dictionary[i].view());
    for (std::size_t row = 0; row < rows; ++row) {
      auto const code = column->codes()[cells_.index(row)];
      if (code >= Column::kNullCode || dictionary[code].view().empty()) continue;
      numbers_[row] = numbers[code];
      status_[row] = 0;
    }
    return;
  }
  for (std::size_t row = 0; row < rows; ++row) {
    auto const value = cells_.value(row);
    if (value.is_nullish() || (value.is_string() && value.string().empty())) continue;
    numbers_[row] = value.to_number();
    status_[row] = value.is_number() && std::isnan(value.number()) ? 2 : 0;
  }
}

void Measure::restrict_to(std::vector<std::uint8_t> const& mine) {
  for (std::size_t row = 0; row < status_.size(); ++row)
    if (!mine[row]) status_[row] = 2;
}

void Measure::request(AggregateRequest request) {
  using Op = AggregateOp;
  switch (request.op) {
    case Op::Sum:
      sum_ = true;
      break;
    case Op::Product:
      product_ = true;
      break;
    case Op::Mean:
    case Op::Average:
      mean_ = true;
      break;
    case Op::Variance:
    case Op::VarianceP:
    case Op::Stdev:
    case Op::StdevP:
    case Op::Stderr:
      mean_ = deviation_ = true;
      break;
    case Op::Min:
    case Op::Max:
    case Op::Argmin:
    case Op::Argmax:
      extremes_ = true;
      break;
    case Op::Exponential:
    case Op::ExponentialB:
      // Both share one running sum: its rate is that of the first exponential, if there is one.
      if (!exponential_ || (request.op == Op::Exponential && !exact_rate_)) rate_ = request.parameter;
      exponential_ = true;
      exact_rate_ = exact_rate_ || request.op == Op::Exponential;
      break;
    case Op::Values:
    case Op::Distinct:
    case Op::Ci0:
    case Op::Ci1:
    case Op::Median:
    case Op::Q1:
    case Op::Q3:
      needs_rows_ = true;
      break;
    default:
      break;
  }
  auto const at = std::upper_bound(requests_.begin(), requests_.end(), order_of(request.op),
                                   [](int order, AggregateRequest const& r) { return order < order_of(r.op); });
  requests_.insert(at, std::move(request));
}

bool Measure::less(std::uint32_t a, std::uint32_t b) const {
  return by_number_ ? numbers_[a] < numbers_[b] : js_less(cells_.value(a), cells_.value(b));
}

void Measure::add(AggregateState& s, std::uint32_t row) const {
  if (status_[row]) {
    s.missing += status_[row] == 1;
    return;
  }
  ++s.valid;
  double const v = numbers_[row];
  if (sum_) s.sum += v;
  if (product_) s.product *= v;
  if (mean_) {
    s.mean_delta = v - s.mean;
    s.mean += s.mean_delta / s.valid;
    if (deviation_) s.deviation += s.mean_delta * (v - s.mean);
  }
  if (extremes_) {
    if (s.min_row == kNoRow || less(row, s.min_row)) s.min_row = row;
    if (s.max_row == kNoRow || less(s.max_row, row)) s.max_row = row;
  }
  if (exponential_) s.exponential = rate_ * s.exponential + v;
}
void Measure::remove(AggregateState& s, std::uint32_t row) const {
  if (status_[row]) {
    s.missing -= status_[row] == 1;
    return;
  }
  --s.valid;
  double const v = numbers_[row];
  if (sum_) s.sum -= v;
  if (product_) s.product /= v;
  if (mean_) {
    s.mean_delta = v - s.mean;
    s.mean -= s.valid ? s.mean_delta / s.valid : s.mean;
    if (deviation_) s.deviation -= s.mean_delta * (v - s.mean);
  }
  if (exponential_) s.exponential = (s.exponential - v / std::pow(rate_, static_cast<double>(s.valid) - 1)) / rate_;
}

std::uint32_t Measure::extreme(std::span<std::uint32_t const> rows, bool greatest) const {
  std::uint32_t best = kNoRow;
  for (auto row : rows)
    if (!status_[row] && (best == kNoRow || (greatest ? less(best, row) : less(row, best)))) best = row;
  return best;
}
std::vector<double>& Measure::numbers_of(std::span<std::uint32_t const> rows) const {
  if (sample_of_.is_of(rows)) return sample_;
  budget::steps(4 * rows.size());
  sample_.clear();
  for (auto row : rows)
    if (!status_[row] && !std::isnan(numbers_[row])) sample_.push_back(numbers_[row]);
  sample_of_ = {rows.data(), rows.size()};
  return sample_;
}

// How many different texts the cells make (JavaScript's String), found without making the texts.
std::size_t Measure::distinct(std::span<std::uint32_t const> rows) const {
  auto const* column = cells_.column();
  if (rows.empty()) return 0;
  if (!column) return 1;
  if (column->kind() == Column::Kind::Any) {
    std::unordered_set<std::string> seen;
    budget::steps(100 * rows.size());
    for (auto row : rows) seen.insert(js_string(cells_.value(row)));
    return seen.size();
  }
  budget::steps(20 * rows.size());
  constexpr std::uint64_t kNoKey = 0xffffffffffffffffu;
  auto const key_of = [&](std::uint32_t row) -> std::uint64_t {
    auto const at = cells_.index(row);
    if (column->kind() == Column::Kind::String) return column->codes()[at];
    double const n = column->numbers()[at];
    if (std::isnan(n)) {
      auto const bits = double_to_bits(n);
      return bits == kNullBits || bits == kUndefinedBits ? bits : double_to_bits(kNaN);
    }
    // A date's text tells seconds.
    return double_to_bits(column->kind() == Column::Kind::Date ? std::floor(n / 1000) + 0.0 : n + 0.0);
  };
  // Open-addressed, at most half full.
  std::size_t slots = 16;
  while (slots < 2 * rows.size()) slots *= 2;
  if (column->kind() == Column::Kind::String)
    while (slots > 16 && slots / 4 > column->dictionary().size()) slots /= 2;
  seen_.assign(slots, kNoKey);
  std::size_t count = 0;
  for (auto row : rows) {
    auto const key = key_of(row);
    auto at = static_cast<std::size_t>(key * 0x9e3779b97f4a7c15u >> 32) & (slots - 1);
    while (seen_[at] != kNoKey && seen_[at] != key) at = (at + 1) & (slots - 1);
    count += seen_[at] == kNoKey;
    seen_[at] = key;
  }
  if (column->kind() != Column::Kind::String) return count;
  // A text may say what a missing cell says.
  auto const has = [&](std::uint64_t key) {
    auto at = static_cast<std::size_t>(key * 0x9e3779b97f4a7c15u >> 32) & (slots - 1);
    while (seen_[at] != kNoKey && seen_[at] != key) at = (at + 1) & (slots - 1);
    return seen_[at] == key;
  };
  auto const& dictionary = column->dictionary();
  for (auto const& [code, text] : {std::pair(Column::kNullCode, "null"), {Column::kUndefinedCode, "undefined"}}) {
    if (!has(code)) continue;
    auto const same = std::find(dictionary.begin(), dictionary.end(), std::string_view(text));
    if (same != dictionary.end() && has(static_cast<std::uint64_t>(same - dictionary.begin()))) --count;
  }
  return count;
}

Value Measure::result(AggregateRequest const& request, AggregateState const& s, std::span<std::uint32_t const> rows,
                      std::size_t count, Scope& scope) const {
  using Op = AggregateOp;
  double const n = s.valid;
  double const deviation = s.deviation < 0 ? 0 : s.deviation;  // Below it by rounding; of texts it is no number.
  auto const row_or = [&](std::uint32_t row) { return row == kNoRow ? Value(Object()) : table_.row(row); };
  switch (request.op) {
    case Op::Values:
      return table_.select(std::vector<std::uint32_t>(rows.begin(), rows.end()));
    case Op::Count:
      return count;
    case Op::CountCells:
      return s.missing + s.valid;
    case Op::Missing:
      return s.missing;
    case Op::Valid:
      return s.valid;
    case Op::Sum:
      return or_undefined(s.valid, s.sum);
    case Op::Product:
      return or_undefined(s.valid, s.product);
    case Op::Mean:
    case Op::Average:
      return or_undefined(s.valid, s.mean);
    case Op::Variance:
      return or_undefined(s.valid > 1, deviation / (n - 1));
    case Op::VarianceP:
      return or_undefined(s.valid, deviation / n);
    case Op::Stdev:
      return or_undefined(s.valid > 1, std::sqrt(deviation / (n - 1)));
    case Op::StdevP:
      return or_undefined(s.valid, std::sqrt(deviation / n));
    case Op::Stderr:
      return or_undefined(s.valid > 1, std::sqrt(deviation / (n * (n - 1))));
    case Op::Distinct:
      return distinct(rows);
    case Op::Ci0:
    case Op::Ci1: {
      if (!interval_of_.is_of(rows)) {
        sample_of_ = {};  // Quantiles may have moved the numbers, and which is drawn depends on their order.
        interval_ = bootstrap_interval(numbers_of(rows), 1000, 0.05, scope);
        interval_of_ = {rows.data(), rows.size()};
      }
      double const end = request.op == Op::Ci0 ? interval_.first : interval_.second;
      return or_undefined(!std::isnan(end), end);
    }
    case Op::Median:
    case Op::Q1:
    case Op::Q3: {
      double const p = request.op == Op::Q1 ? 0.25 : request.op == Op::Q3 ? 0.75 : 0.5;
      double const q = quantile(numbers_of(rows), p);
      return or_undefined(!std::isnan(q), q);
    }
    case Op::Min:
      return s.min_row == kNoRow ? Value() : cells_.value(s.min_row);
    case Op::Max:
      return s.max_row == kNoRow ? Value() : cells_.value(s.max_row);
    case Op::Argmin:
      return row_or(s.min_row);
    case Op::Argmax:
      return row_or(s.max_row);
    case Op::Exponential:
      return or_undefined(s.valid, s.exponential * (1 - rate_) / (1 - std::pow(rate_, n)));
    case Op::ExponentialB:
      return or_undefined(s.valid, s.exponential * (1 - rate_));
  }
  return {};
}

MeasureSet read_measures(Parameters const& parameters, Table const& table) {
  MeasureSet out;
  auto ops = parameters.list("ops").value_or(Array{Value("count")});
  auto fields = parameters.fields("fields");
  if (!parameters.has("fields")) fields.assign(1, std::nullopt);
  auto const names = parameters.list("as").value_or(Array());
  auto const rates = parameters.list("aggregate_params").value_or(Array());
  if (ops.size() != fields.size())
    fail(parameters.context().path, "unmatched number of fields (" + std::to_string(fields.size()) +
                                        ") and aggregate ops (" + std::to_string(ops.size()) + ")");
  std::vector<std::string> known;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    auto const name = js_string(ops[i]);
    auto const op = aggregate_op(name);
    if (!op)
      fail(parameters.path("ops") + "[" + std::to_string(i) + "]",
           "unknown operation \"" + name.substr(0, 60) + "\"; known are " + aggregate_op_names());
    if (!fields[i] && *op != AggregateOp::Count)
      fail(parameters.path("fields") + "[" + std::to_string(i) + "]", "\"" + name + "\" needs a field");
    auto const field = fields[i] ? fields[i]->name() : std::string();
    auto const as = i < names.size() && !names[i].is_nullish() ? js_string(names[i]) : std::string();
    auto const output = measure_name(name, field, as);
    if (*op == AggregateOp::Count) {
      out.counts.push_back(output);
      continue;
    }
    auto at = static_cast<std::size_t>(std::find(known.begin(), known.end(), field) - known.begin());
    if (at == known.size()) {
      known.push_back(field);
      out.measures.push_back(std::make_unique<Measure>(table, fields[i]->of(table, parameters.scope())));
    }
    double const rate = i < rates.size() && rates[i].truthy() ? rates[i].to_number() : kNaN;
    out.measures[at]->request({*op, rate, output});
  }
  return out;
}

}  // namespace cml::vega

// density: a distribution's curve. kde: kernel density estimates of groups. quantile: sample quantiles of groups.
#include <algorithm>
#include <cmath>
#include <optional>

#include "vega/expr/coerce.hpp"
#include "vega/expr/distribution.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/transform/statistics.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr int kMaxMixture = 1000;

struct Distribution {
  std::function<double(double)> pdf, cdf;
  std::optional<Sample> data;  // Only kde has one.
};

bool is_valid(Value const& cell) {
  return !cell.is_nullish() && !(cell.is_string() && cell.string().empty()) && !std::isnan(cell.to_number());
}
void add_cell(FieldColumn const& cells, std::size_t row, Sample& to) {
  to.cells.push_back(cells.number(row));
  if (is_valid(cells.value(row))) to.valid.push_back(to.cells.back());
}
Sample sample_of(FieldColumn const& cells) {
  Sample out;
  for (std::size_t row = 0; row < cells.size(); ++row) add_cell(cells, row, out);
  return out;
}
std::pair<double, double> extent_of(std::vector<double> const& values) {
  double low = kNaN, high = kNaN;
  for (double v : values) {
    if (std::isnan(v)) continue;
    if (!(low <= v)) low = v;
    if (!(high >= v)) high = v;
  }
  return {low, high};
}

Distribution read_distribution(Value const& spec, TableRef const& input, TransformContext& context,
                               std::string const& path, int depth) {
  TransformContext inner{context.scope, path, context.diagnostics, {}};
  Parameters const p(spec, inner);
  auto const kind = p.string("function", "");
  Distribution d;
  auto const set = [&d](auto density, auto cumulative, double a, double b) {
    d.pdf = [=](double x) { return density(x, a, b); };
    d.cdf = [=](double x) { return cumulative(x, a, b); };
  };
  if (kind == "normal") {
    set(density_normal, cumulative_normal, p.number("mean", 0), p.number("stdev", 1));
  } else if (kind == "lognormal") {
    set(density_log_normal, cumulative_log_normal, p.number("mean", 0), p.number("stdev", 1));
  } else if (kind == "uniform") {
    set(density_uniform, cumulative_uniform, p.number("min", 0), p.number("max", 1));
  } else if (kind == "kde") {
    auto source = input;
    if (p.has("from")) {
      auto const from = p.required_string("from");
      source = context.scope.data(from);
      if (!source) fail(p.path("from"), "there is no dataset \"" + from + "\"");
    }
    d.data = sample_of(p.required_field("field").of(*source, context.scope));
    auto const kernel = std::make_shared<KernelDensity const>(*d.data, p.number("bandwidth", 0));
    d.pdf = [kernel](double x) { return kernel->pdf(x); };
    d.cdf = [kernel](double x) { return kernel->cdf(x); };
  } else if (kind == "mixture") {
    auto const& parts = spec["distributions"];
    if (depth > 0 || parts.size() > kMaxMixture)
      fail(path, "a mixture holds at most " + std::to_string(kMaxMixture) + " simple distributions");
    std::vector<Distribution> all;
    for (std::size_t i = 0; i < parts.size(); ++i)
      all.push_back(read_distribution(parts.at(i), input, context, path + ".distributions[" + std::to_string(i) + "]",
                                      depth + 1));
    auto weights = p.numbers("weights").value_or(std::vector<double>());
    weights.resize(all.size(), kNaN);
    double sum = 0;
    for (auto& w : weights) sum += w = std::isnan(w) ? 1 : w;
    for (auto& w : weights) w /= sum;
    auto const mix = [all, weights](std::function<double(double)> Distribution::*part) {
      return [all, weights, part](double x) {
        double y = 0;
        for (std::size_t i = 0; i < all.size(); ++i) y += weights[i] * (all[i].*part)(x);
        return y;
      };
    };
    d.pdf = mix(&Distribution::pdf);
    d.cdf = mix(&Distribution::cdf);
  } else {
    fail(path, "unknown distribution function \"" + kind.substr(0, 60) + "\"");
  }
  return d;
}

struct Steps {
  double least, most;
};
Steps steps_of(Parameters const& p) {
  double const steps = p.number("steps", 0);
  if (steps > 0) return {steps, steps};
  auto const positive = [](double n, double fallback) { return n > 0 ? n : fallback; };
  return {positive(p.number("minsteps", 25), 25), positive(p.number("maxsteps", 200), 200)};
}

TableRef points_table(std::vector<Point> const& points, std::vector<std::string> const& as) {
  std::vector<double> x, y;
  for (auto const& [a, b] : points) x.push_back(a), y.push_back(std::isnan(b) ? kNaN : b);
  auto const rows = x.size();
  return make_ref<Table>(std::vector<Table::Field>{{Str(as[0]), Column::of_numbers(std::move(x))},
                                                   {Str(as[1]), Column::of_numbers(std::move(y))}},
                         rows);
}

TableRef apply_density(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  if (!spec["distribution"].is_object()) fail(context.path, "missing required parameter \"distribution\"");
  auto const d = read_distribution(spec["distribution"], input, context, p.path("distribution"), 0);
  auto const method = p.one_of("method", "pdf", {"pdf", "cdf"});
  auto const extent = p.numbers("extent", 2);
  if (!extent && !d.data) fail(context.path, "missing density extent parameter");
  auto const [low, high] = extent ? std::pair((*extent)[0], (*extent)[1]) : extent_of(d.data->valid);
  auto const steps = steps_of(p);
  return points_table(sample_curve(method == "cdf" ? d.cdf : d.pdf, low, high, steps.least, steps.most),
                      p.names({"value", "density"}));
}

// Curves of groups, one below the other: the group's values, then x and y.
class GroupedPoints {
 public:
  GroupedPoints(Table const& input, std::vector<Field> const& by, Scope& scope) {
    for (auto const& field : by) {
      names_.push_back(field.name());
      cells_.push_back(field.of(input, scope));
    }
    columns_.resize(by.size() + 2);
  }
  void add(std::uint32_t row, double x, double y) {
    for (std::size_t i = 0; i < cells_.size(); ++i) columns_[i].push(cells_[i].value(row));
    columns_[cells_.size()].push_number(x);
    columns_[cells_.size() + 1].push_number(std::isnan(y) ? kNaN : y);
    ++rows_;
  }
  TableRef finish(std::vector<std::string> const& as) {
    std::vector<Table::Field> fields;
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto const& name = i < names_.size() ? names_[i] : as[i - names_.size()];
      auto column = columns_[i].finish();
      bool replaced = false;
      for (auto& field : fields)
        if (field.name == std::string_view(name)) field.column = column, replaced = true;
      if (!replaced) fields.push_back({Str(name), std::move(column)});
    }
    return make_ref<Table>(std::move(fields), rows_);
  }

 private:
  std::vector<std::string> names_;
  std::vector<FieldColumn> cells_;
  std::vector<ColumnBuilder> columns_;
  std::size_t rows_ = 0;
};

TableRef apply_kde(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const cells = p.required_field("field").of(*input, context.scope);
  auto const by = p.solid_fields("groupby");
  auto const groups = group_rows(*input, by, context.scope, Nullish::Together);
  auto rows = rows_of(groups);
  auto steps = steps_of(p);
  auto domain = p.numbers("extent", 2);
  if (p.one_of("resolve", "independent", {"shared", "independent"}) == "shared") {
    if (!domain) {
      auto const [low, high] = extent_of(sample_of(cells).valid);
      domain = std::vector<double>{low, high};
    }
    steps.least = steps.most;
  }
  bool const cumulative = p.boolean("cumulative", false), counts = p.boolean("counts", false);
  double const bandwidth = p.number("bandwidth", 0);
  GroupedPoints out(*input, by, context.scope);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    Sample sample;
    for (auto const* row = rows.begin(group); row != rows.end(group); ++row) add_cell(cells, *row, sample);
    auto const [low, high] = domain ? std::pair((*domain)[0], (*domain)[1]) : extent_of(sample.valid);
    KernelDensity const kernel(std::move(sample), bandwidth);
    double const scale = counts ? static_cast<double>(rows.size(group)) : 1;
    auto const curve = [&](double x) { return cumulative ? kernel.cdf(x) : kernel.pdf(x); };
    for (auto const& [x, y] : sample_curve(curve, low, high, steps.least, steps.most))
      out.add(groups.first_row[group], x, y * scale);
  }
  return out.finish(p.names({"value", "density"}));
}

TableRef apply_quantile(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const cells = p.required_field("field").of(*input, context.scope);
  auto const by = p.solid_fields("groupby");
  auto const groups = group_rows(*input, by, context.scope, Nullish::Together);
  auto rows = rows_of(groups);
  auto probabilities = p.numbers("probs");
  if (!probabilities) {
    double step = p.number("step", 0.01);
    if (!(step > 0)) step = 0.01;
    double const count = std::ceil((1 - 1e-14 - step / 2) / step);
    check_item_count(count * static_cast<double>(groups.count()));
    probabilities.emplace();
    for (double i = 0; i < count; ++i) probabilities->push_back(step / 2 + i * step);
  }
  GroupedPoints out(*input, by, context.scope);
  for (std::size_t group = 0; group < groups.count(); ++group) {
    std::vector<double> values;
    for (auto const* row = rows.begin(group); row != rows.end(group); ++row) {
      if (auto const value = cells.value(*row); is_valid(value)) values.push_back(value.to_number());
    }
    auto const q = quantiles(std::move(values), *probabilities);
    for (std::size_t i = 0; i < q.size(); ++i) out.add(groups.first_row[group], (*probabilities)[i], q[i]);
  }
  return out.finish(p.names({"prob", "value"}));
}

constexpr std::string_view kDensityParameters[] = {"extent", "steps", "minsteps", "maxsteps", "method", "distribution"};
constexpr std::string_view kKdeParameters[] = {"groupby", "field",   "cumulative", "counts",   "bandwidth",
                                               "extent",  "resolve", "steps",      "minsteps", "maxsteps"};
constexpr std::string_view kQuantileParameters[] = {"groupby", "field", "probs", "step"};

}  // namespace

TransformType const kDensity{"density", kDensityParameters, apply_density};
TransformType const kKde{"kde", kKdeParameters, apply_kde};
TransformType const kQuantile{"quantile", kQuantileParameters, apply_quantile};

}  // namespace cml::vega

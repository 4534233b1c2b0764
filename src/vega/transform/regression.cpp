// regression and loess: trend lines of groups.
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/fit.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

struct Grouped {
  std::vector<Field> by;
  Groups groups;
  GroupedRows rows;
  FieldColumn x, y;
  std::vector<std::string> as;

  Grouped(Parameters const& p, Table const& input)
      : by(p.solid_fields("groupby")),
        groups(group_rows(input, by, p.scope(), Nullish::Together)),
        rows(rows_of(groups)) {
    auto const fx = p.required_field("x"), fy = p.required_field("y");
    x = fx.of(input, p.scope());
    y = fy.of(input, p.scope());
    as = p.names({fx.name(), fy.name()});
  }
  // The group's points whose coordinates are both numbers.
  std::vector<Point> points(std::size_t group) {
    std::vector<Point> out;
    for (auto const* row = rows.begin(group); row != rows.end(group); ++row) {
      if (x.nullish(*row) || y.nullish(*row)) continue;
      double const px = x.number(*row), py = y.number(*row);
      if (!std::isnan(px) && !std::isnan(py)) out.emplace_back(px, py);
    }
    return out;
  }
  void put(TableBuilder& builder, std::size_t group, double px, double py, Table const& input, Scope& scope) {
    if (cells.empty())
      for (auto const& field : by) cells.push_back(field.of(input, scope));
    std::size_t hint = 0;
    for (std::size_t i = 0; i < by.size(); ++i, ++hint)
      if (by[i].name() != as[0] && by[i].name() != as[1])
        builder.cell(by[i].name(), hint).push(cells[i].value(groups.first_row[group]));
    builder.cell(as[0], hint).push_number(px);
    builder.cell(as[1], hint + 1).push_number(std::isnan(py) ? kNaN : py);
    builder.end_row();
  }
  std::vector<FieldColumn> cells;
};

TableRef apply_loess(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Grouped data(p, *input);
  double bandwidth = p.number("bandwidth", 0.3);
  if (!(bandwidth > 0)) bandwidth = 0.3;
  TableBuilder out;
  for (std::size_t group = 0; group < data.groups.count(); ++group)
    for (auto const& [x, y] : fit_loess(data.points(group), bandwidth))
      data.put(out, group, x, y, *input, context.scope);
  return out.finish();
}

TableRef apply_regression(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Grouped data(p, *input);
  auto const method = p.one_of("method", "linear", {"constant", "linear", "log", "exp", "pow", "quad", "poly"});
  double const order = p.number("order", 3);
  if (order > 50)
    fail(p.path("order"), "a polynomial of order " + number_to_string(order) + " is beyond what numbers can hold (50)");
  double const freedom = method == "poly" ? order : method == "quad" ? 2 : 1;
  auto domain = p.numbers("extent", 2);
  if (domain && method == "log" && (*domain)[0] <= 0) {
    context.diagnostics.warn(p.path("extent"), "an extent with values <= 0 is ignored for log regression");
    domain.reset();
  }
  bool const parameters = p.boolean("params", false);
  TableBuilder out;
  for (std::size_t group = 0; group < data.groups.count(); ++group) {
    if (static_cast<double>(data.rows.size(group)) <= freedom) {
      context.diagnostics.warn(context.path, "a regression with more parameters than data points is skipped");
      continue;
    }
    auto const points = data.points(group);
    budget::steps(static_cast<double>(points.size()) * (60 + 60 * whole(freedom, 0, 50)));
    auto const fit = fit_curve(method, points, whole(order, 0, 50));
    if (parameters) {
      Array keys, coefficients;
      for (auto const& field : data.by)
        keys.push_back(field.of(*input, context.scope).value(data.groups.first_row[group]));
      for (double c : fit.coefficients) coefficients.emplace_back(c);
      Object row;
      if (!data.by.empty()) row["keys"] = std::move(keys);
      row["coef"] = std::move(coefficients);
      row["rSquared"] = fit.r_squared;
      out.push_row(Value(std::move(row)));
      continue;
    }
    double low = kNaN, high = kNaN;
    if (domain) {
      low = (*domain)[0], high = (*domain)[1];
    } else {
      for (auto const* row = data.rows.begin(group); row != data.rows.end(group); ++row) {
        double const x = data.x.nullish(*row) ? kNaN : data.x.number(*row);
        if (std::isnan(x)) continue;
        if (!(low <= x)) low = x;
        if (!(high >= x)) high = x;
      }
    }
    if (method == "linear" || method == "constant") {
      for (double x : {low, high}) data.put(out, group, x, fit.predict(x), *input, context.scope);
    } else {
      for (auto const& [x, y] : sample_curve(fit.predict, low, high, 25, 200))
        data.put(out, group, x, y, *input, context.scope);
    }
  }
  return out.finish();
}

constexpr std::string_view kLoessParameters[] = {"x", "y", "groupby", "bandwidth"};
constexpr std::string_view kRegressionParameters[] = {"x", "y", "groupby", "method", "order", "extent", "params"};

}  // namespace

TransformType const kLoess{"loess", kLoessParameters, apply_loess};
TransformType const kRegression{"regression", kRegressionParameters, apply_regression};

}  // namespace cml::vega

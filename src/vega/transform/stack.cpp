// stack: running sums within groups. pie: running angles over all rows.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

double plain(double n) { return std::isnan(n) ? kNaN : n; }

TableRef apply_stack(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.field("field");
  auto const as = p.names({"y0", "y1"});
  auto const offset = p.one_of("offset", "zero", {"zero", "center", "normalize"});
  auto const groups = group_rows(*input, p.solid_fields("groupby"), context.scope, Nullish::Together);
  auto rows = rows_of(groups);
  RowOrder const order(*input, p.sort("sort"), context.scope);
  std::vector<double> values(input->size(), 1), starts(input->size()), ends(input->size());
  if (field) {
    auto const cells = field->of(*input, context.scope);
    for (std::size_t row = 0; row < values.size(); ++row) values[row] = cells.number(row);
  }
  std::vector<double> sums(groups.count(), 0);
  double greatest = 0;
  for (std::size_t group = 0; group < groups.count(); ++group) {
    for (auto const* row = rows.begin(group); row != rows.end(group); ++row) sums[group] += std::fabs(values[*row]);
    if (sums[group] > greatest) greatest = sums[group];
  }
  for (std::size_t group = 0; group < groups.count(); ++group) {
    order.sort(rows.begin(group), rows.end(group), RowOrder::Ties::Kept);
    double positive = offset == "center" ? (greatest - sums[group]) / 2 : 0, negative = 0, sum = 0;
    double const scale = 1 / sums[group];
    for (auto const* at = rows.begin(group); at != rows.end(group); ++at) {
      auto const row = *at;
      if (offset == "zero") {
        double& end = values[row] < 0 ? negative : positive;
        starts[row] = plain(end);
        ends[row] = plain(end += values[row]);
      } else {
        starts[row] = plain(positive);
        positive = offset == "center" ? positive + std::fabs(values[row]) : scale * (sum += std::fabs(values[row]));
        ends[row] = plain(positive);
      }
    }
  }
  return input->with_column(as[0], Column::of_numbers(std::move(starts)))
      ->with_column(as[1], Column::of_numbers(std::move(ends)));
}

TableRef apply_pie(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.field("field");
  auto const as = p.names({"startAngle", "endAngle"});
  double const start = p.number("startAngle", 0), stop = p.number("endAngle", 2 * std::numbers::pi);
  std::vector<double> values(input->size(), 1), starts(input->size()), ends(input->size());
  if (field) {
    auto const cells = field->of(*input, context.scope);
    for (std::size_t row = 0; row < values.size(); ++row) values[row] = cells.number(row);
  }
  double sum = 0;
  for (double v : values)
    if (!std::isnan(v)) sum += v;
  std::vector<std::uint32_t> rows(values.size());
  std::iota(rows.begin(), rows.end(), 0u);
  if (p.boolean("sort", false)) {
    // Numbers that are none cannot be compared; they go last.
    auto const rank = [&](std::uint32_t row) {
      return std::isnan(values[row]) ? std::numeric_limits<double>::infinity() : values[row];
    };
    std::stable_sort(rows.begin(), rows.end(), [&](std::uint32_t a, std::uint32_t b) { return rank(a) < rank(b); });
  }
  double angle = start;
  double const scale = (stop - start) / sum;
  for (auto row : rows) {
    starts[row] = plain(angle);
    ends[row] = plain(angle += values[row] * scale);
  }
  return input->with_column(as[0], Column::of_numbers(std::move(starts)))
      ->with_column(as[1], Column::of_numbers(std::move(ends)));
}

constexpr std::string_view kStackParameters[] = {"field", "groupby", "sort", "offset"};
constexpr std::string_view kPieParameters[] = {"field", "startAngle", "endAngle", "sort"};

}  // namespace

TransformType const kStack{"stack", kStackParameters, apply_stack};
TransformType const kPie{"pie", kPieParameters, apply_pie};

}  // namespace cml::vega

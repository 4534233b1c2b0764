// kde2d: densities of points as grids. isocontour: level lines of such grids. contour: both in one, as Vega had them
// first. Formulas follow vega-geo's density2D.js and Isocontour.js; sums are single-precision, as there.
#include "vega/transform/contour.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/transform/of_row.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/transform/statistics.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr double kMostCells = 1 << 26;

// A side alone may not be longer either: nothing times 1e300 is nothing.
bool is_grid(double width, double height) {
  auto const side = [](double v) { return v >= 0 && v <= kMostCells; };
  return side(width) && side(height) && width * height <= kMostCells;
}

// What is asked of the densities of all groups.
struct DensityGrid {
  FieldColumn x, y, weight;
  bool weighted = false;
  double width = 960, height = 500;
  int shift = 2;  // A cell is 2^shift wide.
  double bandwidth_x = -1, bandwidth_y = -1;
};

DensityGrid density_grid(Parameters const& p, Table const& input, bool needs_fields) {
  DensityGrid out;
  auto const field = [&](char const* name) {
    auto const given = needs_fields ? std::optional(p.required_field(name)) : p.field(name);
    return given ? given->of(input, p.scope()) : FieldColumn(input, input.column(name[0] == 'x' ? "0" : "1"));
  };
  out.x = field("x"), out.y = field("y");
  if (auto const weight = p.field("weight")) out.weight = weight->of(input, p.scope()), out.weighted = true;
  auto const size = p.numbers("size", 2);
  if (!size) fail(p.context().path, "missing required parameter \"size\"");
  out.width = (*size)[0], out.height = (*size)[1];
  if (!(out.width >= 0) || !(out.height >= 0)) fail(p.path("size"), "must be two numbers of zero or more");
  if (auto const cell = p.number("cellSize")) {
    if (!(*cell >= 1)) fail(p.path("cellSize"), "must be 1 or more");
    out.shift = static_cast<int>(std::min(std::floor(std::log(*cell) / std::log(2.0)), 30.0));
  }
  if (auto const bandwidth = p.numbers("bandwidth")) {
    if (bandwidth->empty() || bandwidth->size() > 2) fail(p.path("bandwidth"), "must be one number or two");
    out.bandwidth_x = bandwidth->front(), out.bandwidth_y = bandwidth->back();
  }
  return out;
}

// A running mean of 2r + 1 cells along lines of `length` cells that are `step` apart, `lines` of them `gap` apart.
void blur(std::vector<float> const& from, std::vector<float>& to, long length, long step, long lines, long gap,
          long r) {
  long const width = 2 * r + 1;
  budget::steps(2.0 * static_cast<double>(lines) * static_cast<double>(length + r));
  for (long line = 0; line < lines; ++line) {
    double sum = 0;
    auto const at = [&](long i) { return static_cast<std::size_t>(line * gap + i * step); };
    for (long i = 0; i < length + r; ++i) {
      if (i < length) sum += static_cast<double>(from[at(i)]);
      if (i < r) continue;
      if (i >= width) sum -= static_cast<double>(from[at(i - width)]);
      to[at(i - r)] = static_cast<float>(sum / static_cast<double>(std::min({i + 1, length - 1 + width - i, width})));
    }
  }
}

struct Density {
  Raster raster;
  double x1, y1, x2, y2;
};

class Blurred {
 public:
  Blurred(DensityGrid const& grid, std::vector<std::uint32_t> const& rows) : grid_(grid) {
    rx_ = radius(grid.bandwidth_x, grid.x, rows), ry_ = radius(grid.bandwidth_y, grid.y, rows);
    ox_ = rx_ ? rx_ + 2 : 0, oy_ = ry_ ? ry_ + 2 : 0;
    double const n = 2.0 * static_cast<double>(ox_) + std::floor(grid.width / cell());
    double const m = 2.0 * static_cast<double>(oy_) + std::floor(grid.height / cell());
    if (!is_grid(n, m)) fail("", "a density grid of more than 67 million cells: raise \"cellSize\"");
    n_ = static_cast<long>(n), m_ = static_cast<long>(m);
    budget::bytes(8.0 * n * m + 8.0 * n * m);
    cells_.assign(static_cast<std::size_t>(n_ * m_), 0);
    count(rows);
    smooth();
  }

  // Points a square pixel where `counts`, else parts of one.
  Density scaled(bool counts) const {
    double sum = 0;
    for (float const v : cells_) sum += static_cast<double>(v);
    double const factor = counts ? std::pow(2, -2 * grid_.shift) : 1 / sum;
    Density out{{{}, static_cast<double>(n_), static_cast<double>(m_)}, 0, 0, 0, 0};
    out.raster.values.reserve(cells_.size());
    for (float const v : cells_)
      out.raster.values.push_back(static_cast<double>(static_cast<float>(static_cast<double>(v) * factor)));
    out.x1 = static_cast<double>(ox_), out.y1 = static_cast<double>(oy_);
    out.x2 = out.x1 + std::floor(grid_.width / cell()), out.y2 = out.y1 + std::floor(grid_.height / cell());
    return out;
  }

 private:
  double cell() const { return static_cast<double>(1 << grid_.shift); }

  long radius(double bandwidth, FieldColumn const& cells, std::vector<std::uint32_t> const& rows) const {
    if (!(bandwidth >= 0)) {
      Sample sample;
      for (auto const row : rows) {
        double const v = cells.number(row);
        sample.cells.push_back(v);
        if (!cells.nullish(row) && !std::isnan(v)) sample.valid.push_back(v);
      }
      bandwidth = kernel_bandwidth(sample);
    }
    double const r = std::floor((std::sqrt(4 * bandwidth * bandwidth + 1) - 1) / 2 + 0.5);
    return std::isfinite(r) ? static_cast<long>(std::min(r, 1e6)) >> grid_.shift : 0;
  }
  // JavaScript's v >> shift.
  long shifted(double v) const { return to_int32(v) >> grid_.shift; }

  void count(std::vector<std::uint32_t> const& rows) {
    budget::steps(10 * rows.size());
    for (auto const row : rows) {
      long const x = ox_ + shifted(grid_.x.number(row)), y = oy_ + shifted(grid_.y.number(row));
      if (x < 0 || x >= n_ || y < 0 || y >= m_) continue;
      float& cell = cells_[static_cast<std::size_t>(x + y * n_)];
      cell = static_cast<float>(static_cast<double>(cell) + (grid_.weighted ? grid_.weight.number(row) : 1));
    }
  }
  // Three running means make nearly a Gaussian.
  void smooth() {
    std::vector<float> other(cells_.size());
    auto const across = [&](auto const& from, auto& to) { blur(from, to, n_, 1, m_, n_, rx_); };
    auto const down = [&](auto const& from, auto& to) { blur(from, to, m_, n_, n_, 1, ry_); };
    if (rx_ > 0 && ry_ > 0) {
      for (int i = 0; i < 3; ++i) across(cells_, other), down(other, cells_);
    } else if (rx_ > 0) {
      across(cells_, other), across(other, cells_), across(cells_, other), cells_.swap(other);
    } else if (ry_ > 0) {
      down(cells_, other), down(other, cells_), down(cells_, other), cells_.swap(other);
    }
  }

  DensityGrid const& grid_;
  long rx_ = 0, ry_ = 0, ox_ = 0, oy_ = 0, n_ = 0, m_ = 0;
  std::vector<float> cells_;
};

Value grid_value(Density const& density, int shift) {
  Array values;
  budget::bytes(16 * density.raster.values.size());
  for (double const v : density.raster.values) values.push_back(v);
  return Value::object({{"values", Value(std::move(values))},
                        {"scale", static_cast<double>(1 << shift)},
                        {"width", density.raster.width},
                        {"height", density.raster.height},
                        {"x1", density.x1},
                        {"y1", density.y1},
                        {"x2", density.x2},
                        {"y2", density.y2}});
}

std::vector<std::uint32_t> all_rows(Table const& table) {
  std::vector<std::uint32_t> rows(table.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint32_t>(i);
  return rows;
}

TableRef apply_kde2d(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const grid = density_grid(p, *input, true);
  bool const counts = p.boolean("counts", false);
  auto const as = p.string("as", "grid");
  std::vector<Value> grids;
  auto const add = [&](std::vector<std::uint32_t> const& rows) {
    grids.push_back(grid_value(Blurred(grid, rows).scaled(counts), grid.shift));
  };
  if (!p.has("groupby")) {
    add(all_rows(*input));
    return make_ref<Table>(std::size_t{1})->with_column(as, Column::of_values(std::move(grids)));
  }
  auto const by = p.solid_fields("groupby");
  auto const groups = group_rows(*input, by, context.scope, Nullish::Together);
  auto rows = rows_of(groups);
  for (std::size_t g = 0; g < groups.count(); ++g) add({rows.begin(g), rows.end(g)});
  auto out = make_ref<Table>(groups.count())->with_column(as, Column::of_values(std::move(grids)));
  auto const firsts = input->select(groups.first_row);
  for (auto const& field : by) out = out->with_column(field.name(), field.of(*firsts, context.scope).gathered());
  return out;
}

// --- isocontour -----------------------------------------------------------------------------------------------------

Raster raster_of(Value const& grid, std::string const& path) {
  Raster out;
  out.width = std::floor(grid["width"].to_number()), out.height = std::floor(grid["height"].to_number());
  if (!is_grid(out.width, out.height)) fail(path, "the field holds no grid with a width, a height and values");
  budget::bytes(8 * grid["values"].items().size());
  for (auto const& v : grid["values"].items()) out.values.push_back(v.to_number());
  return out;
}

// Moves and stretches all coordinates; a grid's own offset goes first.
class Stretch {
 public:
  Stretch(Value const& grid, Value scale, Value translate) {
    plain_ = (scale.is_nullish() || (scale.is_number() && scale.to_number() == 1)) && !translate.truthy();
    auto const at = [](Value const& pair, std::size_t i) {
      return pair.is_array() ? (i < pair.size() ? pair.items()[i].to_number() : kNaN) : pair.to_number();
    };
    auto const or_one = [](double v) { return std::isnan(v) || v == 0 ? 1 : v; };
    sx_ = or_one(at(scale, 0)), sy_ = or_one(at(scale, 1));
    tx_ = translate.truthy() ? or_zero(at(translate, 0)) : 0, ty_ = translate.truthy() ? or_zero(at(translate, 1)) : 0;
    x1_ = or_zero(grid["x1"].to_number()), y1_ = or_zero(grid["y1"].to_number());
  }
  Value operator()(Value geometry) const {
    if (plain_) return geometry;
    Array polygons;
    for (auto const& polygon : geometry["coordinates"].items()) {
      Array rings;
      for (auto const& ring : polygon.items()) {
        Array spots;
        for (auto const& spot : ring.items())
          spots.push_back(Value::array(
              {(spot.items()[0].to_number() - x1_) * sx_ + tx_, (spot.items()[1].to_number() - y1_) * sy_ + ty_}));
        if (sx_ * sy_ < 0) std::reverse(spots.begin(), spots.end());  // Rings keep their direction.
        rings.push_back(Value(std::move(spots)));
      }
      polygons.push_back(Value(std::move(rings)));
    }
    geometry.set("coordinates", Value(std::move(polygons)));
    return geometry;
  }

 private:
  bool plain_ = false;
  double sx_ = 1, sy_ = 1, tx_ = 0, ty_ = 0, x1_ = 0, y1_ = 0;
};

TableRef apply_isocontour(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.field("field");
  auto const cells = field ? field->of(*input, context.scope) : FieldColumn();
  bool const smooth = p.boolean("smooth", true), nice = p.boolean("nice", false), zero = p.boolean("zero", true);
  double levels = p.number("levels", 10);
  if (!(std::fabs(levels) > 0)) levels = 10;
  OfRow const scale(p, spec, "scale"), translate(p, spec, "translate");
  std::vector<Value> grids;
  std::vector<Raster> rasters;
  for (std::size_t row = 0; row < input->size(); ++row) {
    grids.push_back(field ? cells.value(row) : input->row(row));
    rasters.push_back(raster_of(grids.back(), p.path("field")));
  }
  auto thresholds = p.numbers("thresholds");
  if (!thresholds && p.one_of("resolve", "independent", {"shared", "independent"}) == "shared") {
    std::vector<double> most;
    for (auto const& raster : rasters) {
      double high = kNaN;
      for (double const v : raster.values) high = std::isnan(high) || v > high ? v : high;
      most.push_back(high);
    }
    thresholds = levels_between(most, levels, nice, zero);
  }
  std::vector<std::uint32_t> source;
  std::vector<Value> paths;
  for (std::size_t row = 0; row < grids.size(); ++row) {
    auto const own = thresholds ? *thresholds : levels_between(rasters[row].values, levels, nice, zero);
    auto const datum = input->row(row);
    auto const either = [&](OfRow const& given, char const* key) {
      auto value = given(datum);
      return value.truthy() ? value : grids[row][key];
    };
    Stretch const stretch(grids[row], either(scale, "scale"), either(translate, "translate"));
    for (auto& path : contours_of(rasters[row], own, smooth)) {
      paths.push_back(stretch(std::move(path)));
      source.push_back(static_cast<std::uint32_t>(row));
    }
  }
  auto out = input->select(source);
  if (!spec["as"].is_null() || !spec.has("as"))
    return out->with_column(p.string("as", "contour"), Column::of_values(std::move(paths)));
  for (auto const* key : {"type", "value", "coordinates"}) {
    std::vector<Value> column;
    for (auto const& path : paths) column.push_back(path[key]);
    out = out->with_column(key, Column::of_values(std::move(column)));
  }
  return out;
}

TableRef apply_contour(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  bool const smooth = p.boolean("smooth", true), nice = p.boolean("nice", false);
  auto const given = p.numbers("values");
  Raster raster;
  Value grid = Value::object({});
  if (given) {
    auto const size = p.numbers("size", 2);
    if (!size) fail(context.path, "missing required parameter \"size\"");
    raster = {*given, std::floor((*size)[0]), std::floor((*size)[1])};
    if (!is_grid(raster.width, raster.height))
      fail(p.path("size"), "must be two numbers of zero or more, of at most 67 million cells");
  } else {
    auto const asked = density_grid(p, *input, false);
    auto const density = Blurred(asked, all_rows(*input)).scaled(true);
    raster = density.raster;
    grid = Value::object({{"x1", density.x1}, {"y1", density.y1}, {"scale", static_cast<double>(1 << asked.shift)}});
  }
  double count = p.number("count", 10);
  if (!(std::fabs(count) > 0)) count = 10;
  auto thresholds = p.numbers("thresholds");
  if (!thresholds) thresholds = levels_between(raster.values, count, nice, given.has_value());
  Stretch const stretch(grid, grid["scale"], given ? Value() : Value::array({0, 0}));
  Array rows;
  for (auto& path : contours_of(raster, *thresholds, smooth)) rows.push_back(stretch(std::move(path)));
  return Table::from_rows(rows);
}

constexpr std::string_view kKde2dParameters[] = {"size",    "x",        "y",         "weight",
                                                 "groupby", "cellSize", "bandwidth", "counts"};
constexpr std::string_view kIsocontourParameters[] = {"field", "thresholds", "levels", "nice",     "resolve",
                                                      "zero",  "smooth",     "scale",  "translate"};
constexpr std::string_view kContourParameters[] = {"size",      "values", "x",    "y",          "weight", "cellSize",
                                                   "bandwidth", "count",  "nice", "thresholds", "smooth"};

}  // namespace

TransformType const kKde2d{"kde2d", kKde2dParameters, apply_kde2d};
TransformType const kIsocontour{"isocontour", kIsocontourParameters, apply_isocontour};
TransformType const kContour{"contour", kContourParameters, apply_contour};

}  // namespace cml::vega

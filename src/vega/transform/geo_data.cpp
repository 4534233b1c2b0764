// geojson: the rows as one collection of features (its value is the signal). graticule: meridians and parallels.
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

TableRef apply_geojson(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const fields = p.solid_fields("fields");
  auto const geojson = p.field("geojson");
  Array features;
  if (geojson) {
    auto const cells = geojson->of(*input, context.scope);
    for (std::size_t row = 0; row < cells.size(); ++row) features.push_back(cells.value(row));
  } else if (fields.empty()) {
    for (std::size_t row = 0; row < input->size(); ++row) features.push_back(input->row(row));
  }
  if (fields.size() >= 2) {
    auto const longitude = fields[0].of(*input, context.scope), latitude = fields[1].of(*input, context.scope);
    Array points;
    for (std::size_t row = 0; row < input->size(); ++row) {
      double const x = longitude.number(row), y = latitude.number(row);
      if (!longitude.nullish(row) && !latitude.nullish(row) && !std::isnan(x) && !std::isnan(y))
        points.push_back(Value::array({x, y}));
    }
    features.push_back(Value::object(
        {{"type", "Feature"},
         {"geometry", Value::object({{"type", "MultiPoint"}, {"coordinates", Value(std::move(points))}})}}));
  }
  context.signal = Value::object({{"type", "FeatureCollection"}, {"features", Value(std::move(features))}});
  return input;
}

// --- graticule ------------------------------------------------------------------------------------------------------

struct Box {
  double x0, y0, x1, y1;
};
constexpr double kEpsilon = 1e-6;

std::vector<double> range(double start, double stop, double step) {
  std::vector<double> out;
  double const count = std::fmax(0, std::ceil((stop - start) / step));
  check_item_count(count);
  for (double i = 0; i < count; ++i) out.push_back(start + i * step);
  return out;
}

TableRef apply_graticule(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const pair = [&](char const* name, double x, double y) -> std::pair<double, double> {
    auto const given = p.numbers(name, 2);
    return given ? std::pair((*given)[0], (*given)[1]) : std::pair(x, y);
  };
  auto const box = [&](char const* name, Box fallback) {
    auto const given = p.list(name);
    if (!given) return fallback;
    auto const number = [&](std::size_t i, std::size_t k) {
      return property_of((*given)[i], static_cast<double>(k)).to_number();
    };
    if (given->size() < 2) fail(p.path(name), "two corners were expected");
    Box b{number(0, 0), number(0, 1), number(1, 0), number(1, 1)};
    if (b.x0 > b.x1) std::swap(b.x0, b.x1);
    if (b.y0 > b.y1) std::swap(b.y0, b.y1);
    return b;
  };
  constexpr double e = kEpsilon;
  auto const shared = box("extent", {0, 0, -1, -1});
  bool const has_shared = p.has("extent");
  auto const major = box("extentMajor", has_shared ? shared : Box{-180, -90 + e, 180, 90 - e});
  auto const minor = box("extentMinor", has_shared ? shared : Box{-180, -80 - e, 180, 80 + e});
  auto const step = pair("step", 0, 0);
  auto const [DX, DY] = p.has("stepMajor") || !p.has("step") ? pair("stepMajor", 90, 360) : step;
  auto const [dx, dy] = p.has("stepMinor") || !p.has("step") ? pair("stepMinor", 10, 10) : step;
  double const precision = p.number("precision", 2.5);
  for (double s : {DX, DY, dx, dy, precision})
    if (!(s > 0)) fail(context.path, "steps and precision must be greater than zero");

  auto const meridian = [](double x, double y0, double y1, double fine) {
    Array line;
    for (double y : range(y0, y1 - kEpsilon, fine)) line.push_back(Value::array({x, y}));
    line.push_back(Value::array({x, y1}));
    return Value(std::move(line));
  };
  auto const parallel = [](double y, double x0, double x1, double fine) {
    Array line;
    for (double x : range(x0, x1 - kEpsilon, fine)) line.push_back(Value::array({x, y}));
    line.push_back(Value::array({x1, y}));
    return Value(std::move(line));
  };
  Array lines;
  for (double x : range(std::ceil(major.x0 / DX) * DX, major.x1, DX))
    lines.push_back(meridian(x, major.y0, major.y1, 90));
  for (double y : range(std::ceil(major.y0 / DY) * DY, major.y1, DY))
    lines.push_back(parallel(y, major.x0, major.x1, precision));
  for (double x : range(std::ceil(minor.x0 / dx) * dx, minor.x1, dx))
    if (std::fabs(std::fmod(x, DX)) > e) lines.push_back(meridian(x, minor.y0, minor.y1, 90));
  for (double y : range(std::ceil(minor.y0 / dy) * dy, minor.y1, dy))
    if (std::fabs(std::fmod(y, DY)) > e) lines.push_back(parallel(y, minor.x0, minor.x1, precision));
  TableBuilder builder;
  for (std::size_t row = 0; row < input->size(); ++row) builder.push_row(input->row(row));
  builder.push_row(Value::object({{"type", "MultiLineString"}, {"coordinates", Value(std::move(lines))}}));
  return builder.finish();
}

constexpr std::string_view kGeoJsonParameters[] = {"fields", "geojson"};
constexpr std::string_view kGraticuleParameters[] = {"extent",    "extentMajor", "extentMinor", "step",
                                                     "stepMajor", "stepMinor",   "precision"};

}  // namespace

TransformType const kGeoJson{"geojson", kGeoJsonParameters, apply_geojson};
TransformType const kGraticule{"graticule", kGraticuleParameters, apply_graticule};

}  // namespace cml::vega

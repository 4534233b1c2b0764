// geopath and geoshape: outlines of GeoJSON through a projection. geopoint: longitude and latitude to x and y.
#include <cmath>

#include "vega/geo/projection.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr int kPathDigits = 3;  // As d3-geo rounds path strings.

Projection const* projection_of(Parameters const& p, bool required) {
  if (!p.has("projection")) {
    if (required) fail(p.context().path, "missing required parameter \"projection\"");
    return nullptr;
  }
  auto const name = p.required_string("projection");
  auto const* projection = p.scope().projection(name);
  if (!projection) fail(p.path("projection"), "there is no projection \"" + name + "\"");
  return projection;
}

enum class As { Text, Outline };

// An outline a row, or null where nothing is visible. `fallback` names the field that holds the geometry, if any does.
ColumnRef outlines(Parameters const& p, Table const& input, std::string_view fallback, As as, Value const& spec) {
  auto const* projection = projection_of(p, false);
  auto const field = p.field("field");
  auto const cells = field ? field->of(input, p.scope()) : FieldColumn(input, input.column(fallback));
  // A radius may be an expression, whose datum is the geometry itself.
  std::optional<Expression> radius_of;
  if (spec["pointRadius"]["expr"].is_string())
    radius_of.emplace(spec["pointRadius"]["expr"].string(), p.path("pointRadius") + ".expr");
  double radius = radius_of ? 0 : p.number("pointRadius", projection ? projection->point_radius : 4.5);
  bool const remember = projection && as == As::Outline && !radius_of && radius == projection->point_radius;
  std::vector<Value> paths;
  paths.reserve(input.size());
  for (std::size_t row = 0; row < input.size(); ++row) {
    auto const object = field || !fallback.empty() ? cells.value(row) : input.row(row);
    if (radius_of) radius = radius_of->evaluate(p.scope(), {nullptr, 0, &object}).to_number();
    auto const make = [&] {
      auto const outline = geo_outline(projection, object, radius);
      if (outline->empty()) return Value(nullptr);
      return as == As::Text ? Value(outline->text(kPathDigits)) : Value(outline);
    };
    Value const& geometry = object["geometry"];
    if (!remember || !geometry.is_object() || object["type"].string_or("") != "Feature") {
      paths.push_back(make());
      continue;
    }
    auto const [known, added] = projection->outlines.try_emplace(geometry.identity());
    if (added) known->second = {geometry, make()};
    paths.push_back(known->second.outline);
  }
  return Column::of_values(std::move(paths));
}

TableRef apply_geopath(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  return input->with_column(p.string("as", "path"), outlines(p, *input, "", As::Text, spec));
}
TableRef apply_geoshape(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  return input->with_column(p.string("as", "shape"), outlines(p, *input, "datum", As::Outline, spec));
}

TableRef apply_geopoint(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const& projection = *projection_of(p, true);
  auto const fields = p.solid_fields("fields");
  if (fields.size() < 2) fail(p.path("fields"), "longitude and latitude were expected");
  auto const longitude = fields[0].of(*input, context.scope), latitude = fields[1].of(*input, context.scope);
  auto const as = p.names({"x", "y"});
  std::vector<double> xs(input->size(), bits_to_double(kUndefinedBits)), ys = xs;
  for (std::size_t row = 0; row < xs.size(); ++row)
    if (auto const point = projection(longitude.number(row), latitude.number(row)))
      xs[row] = point->first + 0.0, ys[row] = point->second + 0.0;
  return input->with_column(as[0], Column::of_numbers(std::move(xs)))
      ->with_column(as[1], Column::of_numbers(std::move(ys)));
}

constexpr std::string_view kPathParameters[] = {"projection", "field", "pointRadius"};
constexpr std::string_view kPointParameters[] = {"projection", "fields"};

}  // namespace

TransformType const kGeoPath{"geopath", kPathParameters, apply_geopath};
TransformType const kGeoShape{"geoshape", kPathParameters, apply_geoshape};
TransformType const kGeoPoint{"geopoint", kPointParameters, apply_geopoint};

}  // namespace cml::vega

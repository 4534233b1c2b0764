// heatmap: a grid of numbers as an image, one pixel a cell. The image is a data URL of plain pixels, which the
// renderers read as any other (render/images.cpp); by vega-geo's Heatmap.js.
#include <algorithm>
#include <cmath>
#include <optional>

#include "base/base64.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/of_row.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/color.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr double kMostPixels = 1 << 25;

// A value for every pixel; an expression that does not read the pixel ("$value", "$x", ...) is asked once.
class OfPixel : public OfRow {
 public:
  OfPixel(Parameters const& p, Value const& spec, char const* name)
      : OfRow(p, spec, name), each_(spec[name]["expr"].string_or("").find('$') != std::string_view::npos) {}
  bool each() const { return each_; }

 private:
  bool each_;
};

unsigned char byte_of(double v) {  // As a clamped array takes it: to the nearest, halves to the even one.
  return std::isnan(v) ? 0 : static_cast<unsigned char>(std::nearbyint(std::clamp(v, 0.0, 255.0)));
}

double greatest(Array const& values) {
  double out = kNaN;
  for (auto const& v : values)
    if (double const number = v.to_number(); std::isnan(out) || number > out) out = number;
  return out;
}

struct Corner {
  std::size_t x1, y1, x2, y2;
};
// The part of the grid that is shown.
Corner shown_part(Value const& grid, double width, double height, std::string const& path) {
  auto const at = [&](char const* key, double fallback) {
    double const v = grid[key].to_number();
    return std::isnan(v) || v == 0 ? fallback : v;
  };
  double const x1 = at("x1", 0), y1 = at("y1", 0), x2 = at("x2", width), y2 = at("y2", height);
  auto const side = [](double from, double to) { return from >= 0 && to >= from && to <= kMostPixels; };
  if (!(side(0, width) && side(x1, x2) && side(y1, y2) && (x2 - x1) * (y2 - y1) <= kMostPixels))
    fail(path, "the field holds no grid with a width, a height and values");
  auto const whole_number = [](double v) { return static_cast<std::size_t>(v); };
  return {whole_number(x1), whole_number(y1), whole_number(x2), whole_number(y2)};
}

class Painting {
 public:
  Painting(OfPixel const& color, OfPixel const& opacity) : color_(color), opacity_(opacity) {}

  Value image(Value const& grid, Value pixel, double most, std::string const& path) const {
    double const width = grid["width"].to_number();
    auto const part = shown_part(grid, width, grid["height"].to_number(), path);
    auto const& values = grid["values"].items();
    bool const shaded = !opacity_.given();
    pixel.set("$x", 0), pixel.set("$y", 0), pixel.set("$value", 0), pixel.set("$max", most);
    std::optional<Rgb> color = color_.each() ? std::nullopt : std::optional(color_of(pixel));
    double alpha = shaded || opacity_.each() ? 0 : opacity_(pixel).to_number();
    std::string bytes;
    budget::bytes(8.0 * static_cast<double>((part.x2 - part.x1) * (part.y2 - part.y1)));
    for (auto y = part.y1; y < part.y2; ++y) {
      budget::steps(1);
      for (auto x = part.x1; x < part.x2; ++x) {
        budget::steps(40);
        auto const at = y * static_cast<std::size_t>(width) + x;
        double const v = at < values.size() ? values[at].to_number() : 0;
        if (color_.each() || opacity_.each()) {
          pixel.set("$x", static_cast<double>(x - part.x1));
          pixel.set("$y", static_cast<double>(y - part.y1));
          pixel.set("$value", v);
        }
        if (color_.each()) color = color_of(pixel);
        if (shaded)
          alpha = or_zero(v / most);
        else if (opacity_.each())
          alpha = opacity_(pixel).to_number();
        for (double const c : {color->r, color->g, color->b, std::trunc(255 * alpha)})
          bytes += static_cast<char>(byte_of(c));
      }
    }
    return Value("data:image/x-rgba;width=" + std::to_string(part.x2 - part.x1) +
                 ";height=" + std::to_string(part.y2 - part.y1) + ";base64," + base64_encode(bytes));
  }

 private:
  Rgb color_of(Value const& pixel) const {
    auto const text = color_.given() ? color_(pixel).to_string() : std::string("#888");
    return parse_color(text).value_or(Rgb{kNaN, kNaN, kNaN, 1});
  }
  OfPixel const &color_, &opacity_;
};

TableRef apply_heatmap(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const field = p.field("field");
  auto const cells = field ? field->of(*input, context.scope) : FieldColumn();
  OfPixel const color(p, spec, "color"), opacity(p, spec, "opacity");
  std::vector<Value> grids;
  for (std::size_t row = 0; row < input->size(); ++row) grids.push_back(field ? cells.value(row) : input->row(row));
  std::optional<double> shared;
  if (p.one_of("resolve", "independent", {"shared", "independent"}) == "shared") {
    shared = kNaN;
    for (auto const& grid : grids)
      if (double const v = greatest(grid["values"].items()); std::isnan(*shared) || v > *shared) shared = v;
  }
  Painting const painting(color, opacity);
  std::vector<Value> images;
  for (std::size_t row = 0; row < grids.size(); ++row)
    images.push_back(painting.image(grids[row], input->row(row),
                                    shared ? *shared : greatest(grids[row]["values"].items()), p.path("field")));
  return input->with_column(p.string("as", "image"), Column::of_values(std::move(images)));
}

constexpr std::string_view kHeatmapParameters[] = {"field", "color", "opacity", "resolve"};

}  // namespace

TransformType const kHeatmap{"heatmap", kHeatmapParameters, apply_heatmap};

}  // namespace cml::vega

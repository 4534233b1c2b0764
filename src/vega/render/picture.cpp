// Pictures of pixels: PNG and JPEG.
#include <algorithm>
#include <cmath>

#include "vega/render/canvas_style.hpp"
#include "vega/render/jpeg.hpp"
#include "vega/render/painter.hpp"
#include "vega/render/png.hpp"
#include "vega/render/render.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/color.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {

namespace {

// The picture's pixels, over `behind` and the scene's background; encoded by `encode`, whose empty answer is a lack of
// memory.
template <class Encode>
Result<std::string> draw_picture(Scene const& scene, RasterOptions const& options, SolidColor const& behind,
                                 FontSet& fonts, Images& images, Encode encode) {
  double const factor = options.scale * (options.ppi > 0 ? options.ppi / 72 : 1);
  double const w = std::floor(scene.width * factor), h = std::floor(scene.height * factor);
  if (!(w >= 1) || !(h >= 1))
    return Error{ErrorKind::BadInput, "the picture would be " + std::to_string(w) + " by " + std::to_string(h) +
                                          " pixels: check width, height and scale"};
  if (w * h > kMaxPixels || w > 32767 || h > 32767)
    return Error{ErrorKind::BadInput,
                 "the picture would be " + std::to_string(static_cast<long long>(std::min(w, 1e15))) + " by " +
                     std::to_string(static_cast<long long>(std::min(h, 1e15))) +
                     " pixels, over the limit of 32767 a side and 268 million in all: lower width, height or scale"};
  auto const background = parse_color(scene.background);
  std::uint32_t pixel = Brush(behind).pixel();
  if (background && background->opacity > 0) Brush(solid_color(*background, 1)).paint(pixel, 255);
  PixelBuffer buffer(static_cast<int>(w), static_cast<int>(h), pixel);
  if (!buffer.ok()) return Error{ErrorKind::Io, "not enough memory for a picture of this size"};
  SurfacePointer const surface(cairo_image_surface_create_for_data(buffer.pixels(), CAIRO_FORMAT_ARGB32, buffer.width(),
                                                                   buffer.height(), buffer.stride()));
  if (cairo_surface_status(surface.get()) != CAIRO_STATUS_SUCCESS)
    return Error{ErrorKind::Io, "not enough memory for a picture of this size"};
  {
    CanvasPointer const cr(cairo_create(surface.get()));
    cairo_set_tolerance(cr.get(), 0.1);
    cairo_scale(cr.get(), factor, factor);
    cairo_translate(cr.get(), scene.origin_x, scene.origin_y);
    paint_picture(cr.get(), {buffer.pixels(), buffer.width(), buffer.height(), buffer.stride()},
                  options.exact ? 0 : factor, scene, fonts, images);
  }
  cairo_surface_flush(surface.get());
  std::string encoded = encode(buffer);
  if (encoded.empty()) return Error{ErrorKind::Io, "not enough memory to write the picture"};
  return encoded;
}

}  // namespace

Result<std::string> render_png(Scene const& scene, RasterOptions const& options, FontSet& fonts, Images& images) {
  BudgetScope const budget;
  return guarded([&] {
    return draw_picture(scene, options, {0, 0, 0, 0}, fonts, images,
                        [&](PixelBuffer const& buffer) { return encode_png(buffer, options.ppi); });
  });
}

Result<std::string> render_jpeg(Scene const& scene, RasterOptions const& options, FontSet& fonts, Images& images) {
  BudgetScope const budget;
  return guarded([&] {
    return draw_picture(scene, options, {1, 1, 1, 1}, fonts, images,
                        [&](PixelBuffer const& buffer) { return encode_jpeg(buffer, options.ppi, options.quality); });
  });
}

}  // namespace cml::vega

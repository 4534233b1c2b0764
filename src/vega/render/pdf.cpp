// A scene as a page of its own size: one unit of it is a point at scale 1, as vega-cli has it.
#include <algorithm>
#include <cmath>
#include <exception>

#include <cairo-pdf.h>

#include "vega/render/painter.hpp"
#include "vega/render/render.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/color.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr double kLongestSide = 14400;  // Points: 200 inches, the most that readers of PDF have to show.

struct Written {
  std::string bytes;
  std::exception_ptr failure;  // cairo is C: nothing may be thrown through it.
};

cairo_status_t append_document(void* into, unsigned char const* bytes, unsigned int count) {
  auto& out = *static_cast<Written*>(into);
  try {
    budget::bytes(static_cast<double>(count));
    out.bytes.append(reinterpret_cast<char const*>(bytes), count);
  } catch (...) {
    out.failure = std::current_exception();
    return CAIRO_STATUS_WRITE_ERROR;
  }
  return CAIRO_STATUS_SUCCESS;
}

Result<std::string> draw_pdf(Scene const& scene, double scale, FontSet& fonts, Images& images) {
  double const width = std::floor(scene.width * scale), height = std::floor(scene.height * scale);
  if (!(width >= 1) || !(height >= 1) || width > kLongestSide || height > kLongestSide)
    return Error{ErrorKind::BadInput, "the page would be " + std::to_string(std::llround(std::min(width, 1e15))) +
                                          " by " + std::to_string(std::llround(std::min(height, 1e15))) +
                                          " points, and each side has 1 to 14400: check width, height and scale"};
  auto const lock = document_fonts();
  Written out;
  SurfacePointer const surface(cairo_pdf_surface_create_for_stream(append_document, &out, width, height));
  // The same specification is the same file: no time of making.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "1970-01-01T00:00:00Z");
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATOR, "cml");
  {
    CanvasPointer const canvas(cairo_create(surface.get()));
    if (auto const background = parse_color(scene.background); background && background->opacity > 0) {
      cairo_set_source_rgba(canvas.get(), background->r / 255, background->g / 255, background->b / 255,
                            background->opacity);
      cairo_paint(canvas.get());
    }
    cairo_scale(canvas.get(), scale, scale);
    cairo_translate(canvas.get(), scene.origin_x, scene.origin_y);
    paint_document(canvas.get(), scene, fonts, images);
  }
  cairo_surface_finish(surface.get());
  if (out.failure) std::rethrow_exception(out.failure);
  if (auto const status = cairo_surface_status(surface.get()); status != CAIRO_STATUS_SUCCESS)
    return Error{ErrorKind::Io, std::string("the PDF could not be written: ") + cairo_status_to_string(status)};
  return std::move(out.bytes);
}

}  // namespace

Result<std::string> render_pdf(Scene const& scene, double scale, FontSet& fonts, Images& images) {
  BudgetScope const budget;
  return guarded([&] { return draw_pdf(scene, scale, fonts, images); });
}

}  // namespace cml::vega

#include "vega/render/color_glyph.hpp"

#include FT_COLOR_H

#include <algorithm>

#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr unsigned kTextColor = 0xFFFF;  // The palette entry that stands for the text's own colour.
constexpr int kMostLayers = 256;

// The surface of a picture that FreeType has decoded: premultiplied BGRA, as cairo's ARGB32 lies in memory.
SurfacePointer surface_of(FT_Bitmap const& bitmap) {
  SurfacePointer surface(
      cairo_image_surface_create(CAIRO_FORMAT_ARGB32, static_cast<int>(bitmap.width), static_cast<int>(bitmap.rows)));
  auto* const data = cairo_image_surface_get_data(surface.get());
  if (data == nullptr) return nullptr;
  auto const stride = cairo_image_surface_get_stride(surface.get());
  for (unsigned row = 0; row < bitmap.rows; ++row)
    std::copy_n(bitmap.buffer + static_cast<std::ptrdiff_t>(row) * bitmap.pitch, std::size_t{bitmap.width} * 4,
                data + static_cast<std::ptrdiff_t>(row) * stride);
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

}  // namespace

ColorGlyphs::Picture const& ColorGlyphs::picture(Face& face, unsigned index) {
  auto const [place, added] = pictures_[&face].try_emplace(index);
  Picture& out = place->second;
  if (!added || !FT_HAS_FIXED_SIZES(face.face)) return out;
  int largest = 0;
  for (int i = 1; i < face.face->num_fixed_sizes; ++i)
    if (face.face->available_sizes[i].y_ppem > face.face->available_sizes[largest].y_ppem) largest = i;
  auto* const slot = face.face->glyph;
  if (FT_Select_Size(face.face, largest) != 0 || FT_Load_Glyph(face.face, index, FT_LOAD_COLOR) != 0 ||
      slot->format != FT_GLYPH_FORMAT_BITMAP || slot->bitmap.pixel_mode != FT_PIXEL_MODE_BGRA)
    return out;
  budget::bytes(std::size_t{slot->bitmap.width} * slot->bitmap.rows * 4);
  out.surface = surface_of(slot->bitmap);
  out.left = slot->bitmap_left;
  out.top = slot->bitmap_top;
  out.width = static_cast<int>(slot->bitmap.width);
  out.height = static_cast<int>(slot->bitmap.rows);
  out.pixels = std::max(1.0, static_cast<double>(face.face->available_sizes[largest].y_ppem) / 64);
  return out;
}

void ColorGlyphs::fill(Face& face, unsigned index, double size, double x, double y, SolidColor const& color) {
  CairoSink sink(canvas_);
  cairo_new_path(canvas_);
  trace_glyph(face, face.of_index(index), size, x, y, sink);
  cairo_set_source_rgba(canvas_, color.r, color.g, color.b, color.a);
  cairo_fill(canvas_);
}

bool ColorGlyphs::layers(Face& face, unsigned index, double size, double x, double y, SolidColor const& text) {
  FT_Palette_Data palette;
  FT_Color* colors = nullptr;
  if (FT_Palette_Data_Get(face.face, &palette) != 0 || FT_Palette_Select(face.face, 0, &colors) != 0) return false;
  FT_LayerIterator at{};
  FT_UInt layer = 0, entry = 0;
  int count = 0;
  while (count < kMostLayers && FT_Get_Color_Glyph_Layer(face.face, index, &layer, &entry, &at) != 0) {
    ++count;
    if (entry == kTextColor || colors == nullptr || entry >= palette.num_palette_entries) {
      fill(face, layer, size, x, y, text);
      continue;
    }
    auto const& c = colors[entry];
    fill(face, layer, size, x, y, {c.red / 255.0, c.green / 255.0, c.blue / 255.0, text.a * c.alpha / 255.0});
  }
  return count > 0;
}

void ColorGlyphs::draw(Face& face, unsigned index, double size, double x, double y, SolidColor const& text) {
  budget::steps(5000);
  auto const& drawn = picture(face, index);
  if (drawn.surface == nullptr) {
    if (!layers(face, index, size, x, y, text)) fill(face, index, size, x, y, text);
    return;
  }
  budget::steps(4.0 * drawn.width * drawn.height);  // Scaling down reads every pixel.
  double const scale = size / drawn.pixels;
  cairo_save(canvas_);
  cairo_translate(canvas_, x + drawn.left * scale, y - drawn.top * scale);
  cairo_scale(canvas_, scale, scale);
  cairo_set_source_surface(canvas_, drawn.surface.get(), 0, 0);
  cairo_pattern_set_filter(cairo_get_source(canvas_), CAIRO_FILTER_GOOD);
  cairo_paint_with_alpha(canvas_, text.a);
  cairo_restore(canvas_);
}

}  // namespace cml::vega

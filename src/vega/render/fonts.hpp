// Text over the embedded Liberation fonts: advances and outlines straight from FreeType, unhinted.
// Why not Pango for this: linking and starting it takes longer than drawing a small chart (docs/performance.md), and
// for fonts without complex shaping it adds nothing but advances and kerning, which are here to the 1/1024 pixel it
// uses.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string_view>

#include "vega/render/pixels.hpp"
#include "vega/scene/path.hpp"
#include "vega/scene/text.hpp"

namespace cml::vega {

struct PlacedGlyph {
  void* face;      // FreeType's FT_Face; null where there is no font at all.
  unsigned index;  // Of the glyph in it; 0: it has none for the character.
  double x;        // From the start of the line, in units of the font's size.
};

class FontSet final : public TextMetrics {
 public:
  FontSet();
  ~FontSet() override;

  double width(Font const& font, std::string_view text) override;
  // Adds the glyph outlines of one line with its baseline starting at (x, y).
  void trace(Font const& font, std::string_view text, double x, double y, PathSink& sink);
  void each_glyph(Font const& font, std::string_view text, std::function<void(PlacedGlyph const&)> const& each);
  // Paints one line whose baseline starts at pixel (x, y); `scale` is the pixels of a unit of `font.size`. The same
  // letter at the same part of a pixel is filled once: tick labels are a few digits, at one or two fractions. False,
  // with nothing painted: too large for that.
  bool paint(Font const& font, double scale, std::string_view text, double x, double y, Pixels const& pixels,
             SolidColor const& color);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Held by who closes fonts or shares them with cairo (document_text.cpp).
std::unique_lock<std::mutex> document_fonts();

// The name of the embedded family that stands for a CSS font-family list: "Liberation Sans", "... Serif" or "... Mono".
std::string_view embedded_family(std::string_view css_families);

}  // namespace cml::vega

// Glyphs that bring their own colours: pictures (CBDT, sbix), as of Noto Color Emoji, and layers of outlines in a
// palette's colours (COLR version 0).
#pragma once

#include <cstdint>
#include <unordered_map>

#include "vega/render/box.hpp"
#include "vega/render/cairo_sink.hpp"
#include "vega/render/face.hpp"

namespace cml::vega {

class ColorGlyphs {
 public:
  explicit ColorGlyphs(cairo_t* canvas) : canvas_(canvas) {}
  // Draws a glyph with its origin at (x, y). `text` is for layers and glyphs that take the text's colour, its alpha for
  // all of them.
  void draw(Face& face, unsigned index, double size, double x, double y, SolidColor const& text);

 private:
  struct Picture {
    SurfacePointer surface;    // None: the glyph has no picture.
    double left = 0, top = 0;  // Of the picture from the origin, y upwards.
    double pixels = 1;         // Of a font's size, in it.
    int width = 0, height = 0;
  };
  Picture const& picture(Face& face, unsigned index);
  bool layers(Face& face, unsigned index, double size, double x, double y, SolidColor const& text);
  void fill(Face& face, unsigned index, double size, double x, double y, SolidColor const& color);

  cairo_t* canvas_;
  std::unordered_map<Face const*, std::unordered_map<unsigned, Picture>> pictures_;
};

}  // namespace cml::vega

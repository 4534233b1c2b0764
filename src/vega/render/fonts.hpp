// Text over the embedded Liberation fonts, and over the machine's for what those lack: advances and outlines straight
// from FreeType, unhinted. What one glyph a character draws right is drawn so; the rest is shaped (shaper.hpp). Why not
// Pango for this: linking and starting it takes longer than drawing a small chart (docs/performance.md), and for fonts
// without complex shaping it adds nothing but advances and kerning, which are here to the 1/1024 pixel it uses.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "vega/render/pixels.hpp"
#include "vega/render/shaper.hpp"
#include "vega/scene/path.hpp"
#include "vega/scene/text.hpp"

namespace cml::vega {

// What texts asked for and this machine has not.
struct MissingFonts {
  std::set<char32_t> characters;   // Drawn as boxes.
  std::set<std::string> families;  // Lists of families of which none is there, as written.
  bool unshaped = false;           // Text that needs HarfBuzz was drawn without it.
};

class FontSet final : public TextMetrics {
 public:
  FontSet();
  ~FontSet() override;
  // Folders whose fonts count besides the system's; before the first text.
  void add_folders(std::vector<std::string> folders);

  double width(Font const& font, std::string_view text) override;
  // Adds the glyph outlines of one line with its baseline starting at (x, y). Neither here nor in paint() are the
  // glyphs that each_colored() names.
  void trace(Font const& font, std::string_view text, double x, double y, PathSink& sink);
  // The glyphs of a line, in runs of one font each; `text` outlives what is made of the run.
  void each_run(Font const& font, std::string_view text, std::function<void(ShapedRun const&)> const& each);
  // The glyphs of a line that bring their own colours (color_glyph.hpp), with their places from its start.
  void each_colored(Font const& font, std::string_view text,
                    std::function<void(Face&, ShapedGlyph const&)> const& each);
  // Paints one line whose baseline starts at pixel (x, y); `scale` is the pixels of a unit of `font.size`. The same
  // letter at the same part of a pixel is filled once: tick labels are a few digits, at one or two fractions. False,
  // with nothing painted: too large for that.
  bool paint(Font const& font, double scale, std::string_view text, double x, double y, Pixels const& pixels,
             SolidColor const& color);
  // Since the last call.
  MissingFonts take_missing();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Held by who closes fonts or shares them with cairo (document_text.cpp).
std::unique_lock<std::mutex> document_fonts();

// The name of the embedded family that stands for a CSS font-family list: "Liberation Sans", "... Serif" or "... Mono".
std::string_view embedded_family(std::string_view css_families);

}  // namespace cml::vega

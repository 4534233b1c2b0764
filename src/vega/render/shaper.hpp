// Text whose glyphs are not one a character: letters that join, marks, ligatures, lines from right to left. HarfBuzz
// shapes each run in the font that was chosen for it. It costs a hundred times what adding advances does, and its
// library is loaded (in the everyday build) when it is first asked: `FontSet` asks only where it must.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "vega/render/face.hpp"
#include "vega/render/text_runs.hpp"

namespace cml::vega {

struct ShapedGlyph {
  unsigned index = 0;
  double x = 0, y = 0;      // From the start of the line, in units of the font's size; y downwards.
  std::size_t cluster = 0;  // Byte of the text where the characters begin that it is for.
};

// Glyphs of one font and direction, from left to right.
struct ShapedRun {
  Face* face = nullptr;
  bool backward = false;  // The text runs from right to left.
  ScriptTag script = 0;
  std::size_t begin = 0, end = 0;  // Bytes of the text.
  std::vector<ShapedGlyph> glyphs;
};

struct ShapedLine {
  std::vector<ShapedRun> runs;
  double width = 0;
};

class Shaper {
 public:
  Shaper();
  ~Shaper();
  // The font for a character.
  using Choose = std::function<Face*(char32_t code, ScriptTag script, bool emoji)>;
  // Lines of the text (it may hold breaks) stand below each other, as on the reference's canvas; the width is the
  // broadest one's. `size` is the font's, in pixels.
  ShapedLine shape(std::string_view text, double size, Choose const& choose);
  // False: there is no HarfBuzz on this machine, and each character is drawn for itself.
  bool works();
  // Before a face that it has shaped with is closed.
  static void forget(Face& face);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// For error messages and the choice of fonts (scripts.cpp).
ScriptTag script_of(char32_t code);

}  // namespace cml::vega

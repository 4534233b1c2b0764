// One opened font: glyphs with their advances and outlines in font units, unhinted, from FreeType.
#pragma once

#include <array>
#include <string>
#include <unordered_map>
#include <vector>

#include <ft2build.h>
#include FT_FREETYPE_H

#include "vega/scene/path.hpp"

struct hb_font_t;

namespace cml::vega {

struct Glyph {
  unsigned index = 0;
  double advance = 0;  // Font units.
  bool loaded = false, outlined = false;
  struct Step {
    char kind;  // m, l, q, c
    float v[6];
  };
  std::vector<Step> outline;  // Font units, y upwards.
};

struct Face {
  FT_Face face = nullptr;
  double units = 2048;
  bool kerning = false;
  bool embedded = false;
  bool colored = false;             // Its glyphs are pictures or layers of colours (color_glyph.hpp).
  bool bolder = false;              // The family has no bold of its own: outlines are made broader.
  bool slanted = false;             // Nor an italic one.
  hb_font_t* shape_font = nullptr;  // Made by the shaper when it first meets the face, which it then owns.
  std::array<Glyph, 128> ascii;
  std::unordered_map<char32_t, Glyph> others;
  std::unordered_map<unsigned, Glyph> by_index;
  Face() = default;
  Face(Face const&) = delete;
  Face& operator=(Face const&) = delete;
  // Of a code point; index 0 where the font has none for it.
  Glyph& of_code(char32_t code);
  Glyph& of_index(unsigned index);
  bool has(char32_t code) { return face != nullptr && of_code(code).index != 0; }

 private:
  void load(Glyph& glyph);
};

// Opened from a file, whose bytes are read while it lives, or from bytes that outlive it. False: not a font.
bool open_face(Face& face, FT_Library library, std::string const& path, int index);
bool open_face(Face& face, FT_Library library, std::string_view bytes);

constexpr double kSlant = 0.2;           // Across for one upwards, as fontconfig slants what has no italic.
constexpr double kBoldening = 1.0 / 24;  // Of the font's size, as FreeType emboldens (FT_GlyphSlot_Embolden).

// Draws a glyph with its origin at (x, y), y downwards.
void trace_glyph(Face& face, Glyph& glyph, double size, double x, double y, PathSink& sink);

}  // namespace cml::vega

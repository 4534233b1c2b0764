#include "vega/render/fonts.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H

#include "base/embedded.hpp"
#include "vega/render/fill.hpp"
#include "vega/render/system_fonts.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_fonts();  // Written by cmake/embed.cmake.
}

namespace cml::vega {
namespace {

constexpr double kPangoScale = 1024;  // Widths are sums of advances rounded to 1/1024 pixel, as Pango has them.

// Family names that the reference maps to the serif and monospaced faces; everything else is sans.
constexpr std::string_view kSerif[] = {"serif", "times", "times new roman", "georgia", "liberation serif"};
constexpr std::string_view kMono[] = {"monospace", "courier", "courier new", "liberation mono"};

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
  std::array<Glyph, 128> ascii;
  std::unordered_map<char32_t, Glyph> others;
  Glyph& operator[](char32_t code) { return code < ascii.size() ? ascii[code] : others[code]; }
};

// A letter at a part of a pixel.
constexpr std::int64_t kFarthestParts = std::int64_t{256} << 30;  // What an int holds in whole pixels.
constexpr int kParts = 256;  // Of a pixel, each way: half of one changes coverage by less than its own steps.
struct LetterKey {
  Glyph const* glyph;
  double size;
  std::uint32_t part;  // Across and down.
  bool operator==(LetterKey const&) const = default;
};
struct LetterHash {
  std::size_t operator()(LetterKey const& key) const {
    auto const mix = [](std::uint64_t v) { return (v ^ v >> 29) * 0x9E3779B97F4A7C15u; };
    return mix(mix(reinterpret_cast<std::uintptr_t>(key.glyph) + key.part * 0x100000001u) +
               std::bit_cast<std::uint64_t>(key.size));
  }
};
constexpr std::size_t kMaxLetterBytes = 8u << 20;  // Of masks kept; beyond, all are dropped.
constexpr double kLargestLetter = 64;              // Pixels; larger ones are rare, and their masks are not small.

// The next code point; malformed bytes read as U+FFFD, one byte each.
char32_t decode(std::string_view text, std::size_t& at) {
  auto const byte = [&](std::size_t i) { return static_cast<unsigned char>(i < text.size() ? text[i] : 0); };
  unsigned char const c = byte(at);
  auto const tail = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
  if (c < 0x80) return ++at, c;
  if (c >= 0xC2 && c < 0xE0 && tail(at + 1)) {
    char32_t const r = static_cast<char32_t>((c & 0x1F) << 6 | (byte(at + 1) & 0x3F));
    return at += 2, r;
  }
  if (c >= 0xE0 && c < 0xF0 && tail(at + 1) && tail(at + 2)) {
    char32_t const r = static_cast<char32_t>((c & 0x0F) << 12 | (byte(at + 1) & 0x3F) << 6 | (byte(at + 2) & 0x3F));
    return at += 3, r;
  }
  if (c >= 0xF0 && c < 0xF5 && tail(at + 1) && tail(at + 2) && tail(at + 3)) {
    char32_t const r = static_cast<char32_t>((c & 0x07) << 18 | (byte(at + 1) & 0x3F) << 12 |
                                             (byte(at + 2) & 0x3F) << 6 | (byte(at + 3) & 0x3F));
    return at += 4, r;
  }
  return ++at, U'\uFFFD';
}

struct OutlineReader {
  std::vector<Glyph::Step>& out;
  static int move(FT_Vector const* p, void* self) { return push(self, 'm', {p}); }
  static int line(FT_Vector const* p, void* self) { return push(self, 'l', {p}); }
  static int conic(FT_Vector const* c, FT_Vector const* p, void* self) { return push(self, 'q', {c, p}); }
  static int cubic(FT_Vector const* a, FT_Vector const* b, FT_Vector const* p, void* self) {
    return push(self, 'c', {a, b, p});
  }
  static int push(void* self, char kind, std::initializer_list<FT_Vector const*> points) {
    Glyph::Step step{kind, {}};
    int i = 0;
    for (auto const* p : points) {
      step.v[i++] = static_cast<float>(p->x);
      step.v[i++] = static_cast<float>(p->y);
    }
    static_cast<OutlineReader*>(self)->out.push_back(step);
    return 0;
  }
};

std::string lower(std::string_view text) {
  std::string out;
  for (char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

}  // namespace

std::string_view embedded_family(std::string_view families) {
  // The first family that is known decides; an unknown one is passed over, as fontconfig falls back.
  while (!families.empty()) {
    auto const comma = families.find(',');
    auto name = families.substr(0, comma);
    families = comma == std::string_view::npos ? std::string_view() : families.substr(comma + 1);
    while (!name.empty() && (name.front() == ' ' || name.front() == '"' || name.front() == '\'')) name.remove_prefix(1);
    while (!name.empty() && (name.back() == ' ' || name.back() == '"' || name.back() == '\'')) name.remove_suffix(1);
    auto const key = lower(name);
    for (auto known : kSerif)
      if (key == known) return "Liberation Serif";
    for (auto known : kMono)
      if (key == known) return "Liberation Mono";
    if (key == "sans-serif" || key == "arial" || key == "helvetica" || key == "liberation sans")
      return "Liberation Sans";
  }
  return "Liberation Sans";
}

struct FontSet::Impl {
  FT_Library library = nullptr;
  std::array<Face, 12> faces;
  SystemFonts system;
  std::unordered_map<std::string, Face> others;        // By file and index.
  std::unordered_map<char32_t, Face*> substitutes[4];  // By character, for each style; null: no font has it.
  FillSink fill;
  std::unordered_map<LetterKey, Mask, LetterHash> letters;
  std::size_t letter_bytes = 0;
  Font last_font;
  Face* last_face = nullptr;

  Face& open(std::string_view family, bool bold, bool italic) {
    std::size_t const base = family == "Liberation Sans" ? 0 : family == "Liberation Serif" ? 4 : 8;
    Face& face = faces[base + (bold ? 1 : 0) + (italic ? 2 : 0)];
    if (face.face) return face;
    if (!library) FT_Init_FreeType(&library);
    std::string name;
    for (char c : family)
      if (c != ' ') name += c;
    name += std::string("-") + (bold && italic ? "BoldItalic" : bold ? "Bold" : italic ? "Italic" : "Regular") + ".ttf";
    for (auto const& file : embedded_fonts()) {
      if (file.name != name) continue;
      if (FT_New_Memory_Face(library, reinterpret_cast<FT_Byte const*>(file.bytes.data()),
                             static_cast<FT_Long>(file.bytes.size()), 0, &face.face) == 0) {
        face.units = face.face->units_per_EM;
        face.kerning = FT_HAS_KERNING(face.face) != 0;
      }
    }
    return face;
  }
  Face& face_of(Font const& font) {
    if (last_face && last_font.family == font.family && last_font.bold == font.bold && last_font.italic == font.italic)
      return *last_face;
    last_font = font;
    last_face = &open(embedded_family(font.family), font.bold, font.italic);
    return *last_face;
  }
  static Glyph& glyph(Face& face, char32_t code) {
    Glyph& g = face[code];
    if (!g.loaded && face.face) {
      g.index = FT_Get_Char_Index(face.face, code);
      FT_Fixed advance = 0;
      if (FT_Load_Glyph(face.face, g.index, FT_LOAD_NO_SCALE) == 0) advance = face.face->glyph->metrics.horiAdvance;
      g.advance = static_cast<double>(advance);
      g.loaded = true;
    }
    return g;
  }
  static double scaled(Face const& face, double units, double size) {
    return std::floor(units * size * kPangoScale / face.units + 0.5) / kPangoScale;
  }
  // Where the embedded face has no glyph: the system's font for the character, or null.
  Face* substitute(char32_t code, Font const& font) {
    auto const [place, added] = substitutes[(font.bold ? 1 : 0) + (font.italic ? 2 : 0)].emplace(code, nullptr);
    if (!added) return place->second;
    auto const file = system.holding(code, font.bold, font.italic);
    if (!file) return nullptr;
    Face& face = others[file->path + "#" + std::to_string(file->index)];
    if (!face.face && FT_New_Face(library, file->path.c_str(), file->index, &face.face) == 0)
      face.units = face.face->units_per_EM;
    return place->second = face.face && face.face->units_per_EM > 0 ? &face : nullptr;
  }
  static void trace(Face& face, Glyph& g, double size, double x, double y, PathSink& sink) {
    if (!face.face) return;
    if (!g.outlined) {
      g.outlined = true;
      if (FT_Load_Glyph(face.face, g.index, FT_LOAD_NO_SCALE) == 0 &&
          face.face->glyph->format == FT_GLYPH_FORMAT_OUTLINE) {
        OutlineReader reader{g.outline};
        FT_Outline_Funcs const funcs{
            OutlineReader::move, OutlineReader::line, OutlineReader::conic, OutlineReader::cubic, 0, 0};
        FT_Outline_Decompose(&face.face->glyph->outline, &funcs, &reader);
      }
    }
    double const k = size / face.units;
    auto const px = [&](Glyph::Step const& s, int i) { return x + s.v[i] * k; };
    auto const py = [&](Glyph::Step const& s, int i) { return y - s.v[i] * k; };
    bool open = false;
    for (auto const& s : g.outline) {
      switch (s.kind) {
        case 'm':
          if (open) sink.close();
          sink.move_to(px(s, 0), py(s, 1));
          open = true;
          break;
        case 'l':
          sink.line_to(px(s, 0), py(s, 1));
          break;
        case 'q':
          sink.quad_to(px(s, 0), py(s, 1), px(s, 2), py(s, 3));
          break;
        default:
          sink.curve_to(px(s, 0), py(s, 1), px(s, 2), py(s, 3), px(s, 4), py(s, 5));
      }
    }
    if (open) sink.close();
  }
  Mask const& letter(Face& face, Glyph& g, double size, std::uint32_t part) {
    LetterKey const key{&g, size, part};
    if (auto const known = letters.find(key); known != letters.end()) return known->second;
    fill.start({});
    trace(face, g, size, static_cast<double>(part >> 16) / kParts, static_cast<double>(part & 0xffff) / kParts, fill);
    Mask mask;
    fill.mask(mask);
    if (letter_bytes > kMaxLetterBytes) letters.clear(), letter_bytes = 0;
    letter_bytes += sizeof(Mask) + sizeof(LetterKey) + mask.coverage.size();
    return letters.emplace(key, std::move(mask)).first->second;
  }
  // Calls each(glyph, x) with the pen position of every glyph; answers the total advance.
  template <class Each>
  double layout(Font const& font, std::string_view text, Each each) {
    budget::steps(10 + 10 * text.size());
    Face& own = face_of(font);
    double x = 0;
    unsigned previous = 0;
    for (std::size_t at = 0; at < text.size();) {
      auto const code = decode(text, at);
      Glyph* known = &glyph(own, code);
      Face* other = known->index == 0 && code >= 0xA0 && own.face ? substitute(code, font) : nullptr;
      if (other) known = &glyph(*other, code);
      Face& face = other ? *other : own;
      Glyph& g = *known;
      if (previous && face.kerning) {
        FT_Vector kern{0, 0};
        FT_Get_Kerning(face.face, previous, g.index, FT_KERNING_UNSCALED, &kern);
        if (kern.x) x += scaled(face, static_cast<double>(kern.x), font.size);
      }
      each(face, g, x);
      x += scaled(face, g.advance, font.size);
      previous = other ? 0 : g.index;
    }
    return x;
  }
};

FontSet::FontSet() : impl_(std::make_unique<Impl>()) {}
FontSet::~FontSet() {
  auto const lock = document_fonts();
  for (auto& face : impl_->faces)
    if (face.face) FT_Done_Face(face.face);
  for (auto& [file, face] : impl_->others)
    if (face.face) FT_Done_Face(face.face);
  if (impl_->library) FT_Done_FreeType(impl_->library);
}

double FontSet::width(Font const& font, std::string_view text) {
  return impl_->layout(font, text, [](Face&, Glyph&, double) {});
}

void FontSet::trace(Font const& font, std::string_view text, double x, double y, PathSink& sink) {
  impl_->layout(font, text,
                [&](Face& face, Glyph& g, double pen) { Impl::trace(face, g, font.size, x + pen, y, sink); });
}

void FontSet::each_glyph(Font const& font, std::string_view text, std::function<void(PlacedGlyph const&)> const& each) {
  impl_->layout(font, text, [&](Face& face, Glyph& g, double pen) { each({face.face, g.index, pen}); });
}

std::unique_lock<std::mutex> document_fonts() {
  static std::mutex mutex;
  return std::unique_lock(mutex);
}

bool FontSet::paint(Font const& font, double scale, std::string_view text, double x, double y, Pixels const& pixels,
                    SolidColor const& color) {
  double const size = font.size * scale;
  if (!(size <= kLargestLetter) || !(std::fabs(x) < kFarthest) || !(std::fabs(y) < kFarthest)) return false;
  if (!(color.a > 0)) return true;
  Brush const brush(color);
  auto const down = static_cast<std::int64_t>(std::floor(y * kParts + 0.5));
  impl_->layout(font, text, [&](Face& face, Glyph& g, double pen) {
    auto const across =
        whole<std::int64_t>(std::floor((x + pen * scale) * kParts + 0.5), -kFarthestParts, kFarthestParts);
    auto const part =
        static_cast<std::uint32_t>(across & (kParts - 1)) << 16 | static_cast<std::uint32_t>(down & (kParts - 1));
    auto const& mask = impl_->letter(face, g, size, part);
    paint_mask(pixels, mask, static_cast<int>(across >> 8), static_cast<int>(down >> 8), brush);
  });
  return true;
}

}  // namespace cml::vega

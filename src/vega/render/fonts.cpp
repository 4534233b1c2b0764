#include "vega/render/fonts.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>

#include "base/embedded.hpp"
#include "vega/render/fill.hpp"
#include "vega/render/scripts.hpp"
#include "vega/render/system_fonts.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/unicode.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_fonts();  // Written by cmake/embed.cmake.
}

namespace cml::vega {
namespace {

constexpr double kPangoScale = 1024;  // Widths are sums of advances rounded to 1/1024 pixel, as Pango has them.

// Family names that the reference maps to the embedded faces, and those that name no font but a kind of it.
constexpr std::string_view kSerif[] = {"serif", "times", "times new roman", "georgia", "liberation serif"};
constexpr std::string_view kMono[] = {"monospace", "courier", "courier new", "liberation mono"};
constexpr std::string_view kSans[] = {"sans-serif", "arial", "helvetica", "liberation sans"};
constexpr std::string_view kKinds[] = {"system-ui", "ui-sans-serif", "ui-serif", "ui-monospace", "ui-rounded",
                                       "cursive",   "fantasy",       "math",     "emoji",        "inherit",
                                       "initial",   "-apple-system", "sans"};

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

std::string lower(std::string_view text) {
  std::string out;
  for (char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  return out;
}

template <std::size_t N>
bool one_of(std::string_view key, std::string_view const (&names)[N]) {
  return std::find(std::begin(names), std::end(names), key) != std::end(names);
}

// The next name of a CSS list, which is taken off it.
std::string_view next_family(std::string_view& families) {
  auto const comma = families.find(',');
  auto name = families.substr(0, comma);
  families = comma == std::string_view::npos ? std::string_view() : families.substr(comma + 1);
  while (!name.empty() && (name.front() == ' ' || name.front() == '"' || name.front() == '\'')) name.remove_prefix(1);
  while (!name.empty() && (name.back() == ' ' || name.back() == '"' || name.back() == '\'')) name.remove_suffix(1);
  return name;
}

// The embedded family of one name; empty: it has none.
std::string_view embedded_name(std::string_view key) {
  return one_of(key, kSerif)  ? "Liberation Serif"
         : one_of(key, kMono) ? "Liberation Mono"
         : one_of(key, kSans) ? "Liberation Sans"
                              : std::string_view();
}

// Characters beyond ASCII that are one glyph each, wherever they stand: no marks, nothing that joins, no direction
// against Latin's.
bool stands_alone(char32_t code) {
  struct Range {
    char32_t first, last;
  };
  static constexpr Range kRanges[] = {{0xA0, 0xAC},     {0xAE, 0x2FF},    {0x370, 0x482},   {0x48A, 0x52F},
                                      {0x1E00, 0x1FFF}, {0x2010, 0x2027}, {0x2030, 0x205E}, {0x2070, 0x20CF},
                                      {0x2100, 0x2BFF}, {0xFFFD, 0xFFFD}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [&](Range const& r) { return code >= r.first && code <= r.last; });
}

// Whether one glyph a character is the whole of it, in this face.
bool is_plain(Face& face, std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    auto const byte = static_cast<unsigned char>(text[at]);
    if (byte >= 0x20 && byte < 0x7F) {
      ++at;
      continue;
    }
    if (byte < 0x80) return false;
    auto const code = decode_utf8(text, at);
    if (!stands_alone(code) || !face.has(code)) return false;
  }
  return true;
}

// What a font of a specification is on this machine.
struct FontChain {
  Face* own = nullptr;
  Face* embedded = nullptr;  // Behind it, where it is the machine's.
  std::string_view generic;  // Of the embedded one: the kind of font that stands in for others.
  bool missing = false;      // None of the families is there.
  std::unordered_map<std::uint64_t, Face*> substitutes;  // By character, and whether as emoji; null: no font has it.
};

}  // namespace

std::string_view embedded_family(std::string_view families) {
  // The first family that is known decides; an unknown one is passed over, as fontconfig falls back.
  while (!families.empty())
    if (auto const found = embedded_name(lower(next_family(families))); !found.empty()) return found;
  return "Liberation Sans";
}

struct FontSet::Impl {
  FT_Library library = nullptr;
  std::array<Face, 12> faces;
  SystemFonts system;
  std::unordered_map<std::string, Face> others;  // By file, index and what is done to its outlines.
  std::unordered_map<std::string, FontChain> chains;
  FillSink fill;
  std::unordered_map<LetterKey, Mask, LetterHash> letters;
  std::size_t letter_bytes = 0;
  Font last_font;
  FontChain* last_chain = nullptr;
  Shaper shaper;
  // A line is measured, aligned and drawn in turn: it is shaped once.
  Font shaped_font;
  std::string shaped_text;
  std::optional<ShapedLine> shaped;
  MissingFonts missing;

  Face& open(std::string_view family, bool bold, bool italic) {
    std::size_t const base = family == "Liberation Sans" ? 0 : family == "Liberation Serif" ? 4 : 8;
    Face& face = faces[base + (bold ? 1 : 0) + (italic ? 2 : 0)];
    if (face.face) return face;
    if (!library) FT_Init_FreeType(&library);
    std::string name;
    for (char c : family)
      if (c != ' ') name += c;
    name += std::string("-") + (bold && italic ? "BoldItalic" : bold ? "Bold" : italic ? "Italic" : "Regular") + ".ttf";
    for (auto const& file : embedded_fonts())
      if (file.name == name) open_face(face, library, std::string_view(file.bytes.data(), file.bytes.size()));
    face.embedded = true;
    return face;
  }
  // Null where it is no font that can be read.
  Face* open(FontFile const& file) {
    auto const key =
        file.path + "#" + std::to_string(file.index) + (file.bolder ? "b" : "") + (file.slanted ? "s" : "");
    Face& face = others[key];
    if (!face.face && !open_face(face, library, file.path, file.index)) return nullptr;
    face.bolder = file.bolder;
    face.slanted = file.slanted;
    return &face;
  }
  FontChain& chain_of(Font const& font) {
    if (last_chain && last_font.family == font.family && last_font.bold == font.bold &&
        last_font.italic == font.italic && last_font.weight == font.weight)
      return *last_chain;
    auto const style = std::to_string(font.bold) + std::to_string(font.italic) + std::to_string(font.weight);
    auto const [place, added] = chains.try_emplace(style + font.family);
    FontChain& chain = place->second;
    if (added) {
      auto const family = embedded_family(font.family);
      chain.embedded = chain.own = &open(family, font.bold, font.italic);
      chain.generic = family == "Liberation Serif" ? "serif" : family == "Liberation Mono" ? "monospace" : "sans-serif";
      chain.missing = !font.family.empty();
      std::string_view rest = font.family;
      while (chain.missing && !rest.empty()) {
        auto const name = next_family(rest);
        auto const key = lower(name);
        bool const inside = !embedded_name(key).empty();
        if (!inside && !name.empty() && !one_of(key, kKinds))
          if (auto const file = system.of_family(name, font))
            if (auto* const face = open(*file)) chain.own = face;
        chain.missing = !inside && chain.own == chain.embedded && !name.empty() && !one_of(key, kKinds);
      }
    }
    if (chain.missing) missing.families.insert(font.family);
    last_font = font;
    last_chain = &chain;
    return chain;
  }
  static double scaled(Face const& face, double units, double size) {
    return std::floor(units * size * kPangoScale / face.units + 0.5) / kPangoScale;
  }
  // Where the font has no glyph: the machine's font for the character, or null.
  Face* substitute(FontChain& chain, char32_t code, Font const& font, ScriptTag script, bool emoji) {
    auto const key = std::uint64_t{code} | std::uint64_t{emoji} << 32;
    auto const [place, added] = chain.substitutes.emplace(key, nullptr);
    if (!added) return place->second;
    auto const file = system.holding(code, font, chain.generic, language_of(script), emoji);
    auto* const face = file ? open(*file) : nullptr;
    return place->second = face != nullptr && face->has(code) ? face : nullptr;
  }
  Face* choose(FontChain& chain, char32_t code, Font const& font, ScriptTag script, bool emoji) {
    if (emoji)
      if (auto* const face = substitute(chain, code, font, script, true)) return face;
    if (chain.own->has(code) || code < 0x20) return chain.own;
    if (chain.embedded->has(code)) return chain.embedded;
    if (auto* const face = substitute(chain, code, font, script, false)) return face;
    if (!follows_neighbours(code)) missing.characters.insert(code);
    return chain.own;
  }
  ShapedLine const& shape(Font const& font, FontChain& chain, std::string_view text) {
    if (shaped && shaped_text == text && shaped_font == font) return *shaped;
    if (!shaper.works()) missing.unshaped = true;
    shaped.reset();
    shaped = shaper.shape(text, font.size, [&](char32_t code, ScriptTag script, bool emoji) {
      return choose(chain, code, font, script, emoji);
    });
    shaped_text = text;
    shaped_font = font;
    return *shaped;
  }
  Mask const& letter(Face& face, Glyph& g, double size, std::uint32_t part) {
    LetterKey const key{&g, size, part};
    if (auto const known = letters.find(key); known != letters.end()) return known->second;
    fill.start({});
    trace_glyph(face, g, size, static_cast<double>(part >> 16) / kParts, static_cast<double>(part & 0xffff) / kParts,
                fill);
    Mask mask;
    fill.mask(mask);
    if (letter_bytes > kMaxLetterBytes) letters.clear(), letter_bytes = 0;
    letter_bytes += sizeof(Mask) + sizeof(LetterKey) + mask.coverage.size();
    return letters.emplace(key, std::move(mask)).first->second;
  }
  // Calls each(face, glyph, x) with the pen position of every glyph of a plain line; answers the total advance.
  template <class Each>
  double layout_plain(Face& face, Font const& font, std::string_view text, Each each) {
    double x = 0;
    unsigned previous = 0;
    for (std::size_t at = 0; at < text.size();) {
      auto const start = at;
      auto const byte = static_cast<unsigned char>(text[at]);
      Glyph& g = face.of_code(byte < 0x80 ? ++at, byte : decode_utf8(text, at));
      if (previous && face.kerning) {
        FT_Vector kern{0, 0};
        FT_Get_Kerning(face.face, previous, g.index, FT_KERNING_UNSCALED, &kern);
        if (kern.x) x += scaled(face, static_cast<double>(kern.x), font.size);
      }
      each(g, x, start);
      x += scaled(face, g.advance, font.size);
      previous = g.index;
    }
    return x;
  }
  // Calls each(face, glyph, x, y) for every glyph; answers the width.
  template <class Each>
  double layout(Font const& font, std::string_view text, Each each) {
    budget::steps(10 + 10 * text.size());
    auto& chain = chain_of(font);
    Face& own = *chain.own;
    if (own.embedded && is_plain(own, text))
      return layout_plain(own, font, text, [&](Glyph& g, double x, std::size_t) { each(own, g, x, 0.0); });
    auto const& line = shape(font, chain, text);
    for (auto const& run : line.runs)
      for (auto const& glyph : run.glyphs) each(*run.face, run.face->of_index(glyph.index), glyph.x, glyph.y);
    return line.width;
  }
};

FontSet::FontSet() : impl_(std::make_unique<Impl>()) {}
FontSet::~FontSet() {
  auto const lock = document_fonts();
  auto const close = [](Face& face) {
    Shaper::forget(face);
    if (face.face) FT_Done_Face(face.face);
  };
  for (auto& face : impl_->faces) close(face);
  for (auto& [file, face] : impl_->others) close(face);
  if (impl_->library) FT_Done_FreeType(impl_->library);
}

void FontSet::add_folders(std::vector<std::string> folders) { impl_->system.add_folders(std::move(folders)); }

double FontSet::width(Font const& font, std::string_view text) {
  return impl_->layout(font, text, [](Face&, Glyph&, double, double) {});
}

void FontSet::trace(Font const& font, std::string_view text, double x, double y, PathSink& sink) {
  impl_->layout(font, text, [&](Face& face, Glyph& g, double pen, double down) {
    if (!face.colored) trace_glyph(face, g, font.size, x + pen, y + down, sink);
  });
}

void FontSet::each_run(Font const& font, std::string_view text, std::function<void(ShapedRun const&)> const& each) {
  budget::steps(10 + 10 * text.size());
  auto& chain = impl_->chain_of(font);
  Face& own = *chain.own;
  if (!own.embedded || !is_plain(own, text)) {
    for (auto const& run : impl_->shape(font, chain, text).runs) each(run);
    return;
  }
  ShapedRun run{&own, false, 0, 0, text.size(), {}};
  impl_->layout_plain(own, font, text, [&](Glyph& g, double x, std::size_t at) {
    run.glyphs.push_back({g.index, x, 0, at});
  });
  each(run);
}

void FontSet::each_colored(Font const& font, std::string_view text,
                           std::function<void(Face&, ShapedGlyph const&)> const& each) {
  auto& chain = impl_->chain_of(font);
  if (chain.own->embedded && is_plain(*chain.own, text)) return;
  for (auto const& run : impl_->shape(font, chain, text).runs)
    if (run.face->colored)
      for (auto const& glyph : run.glyphs) each(*run.face, glyph);
}

MissingFonts FontSet::take_missing() {
  impl_->last_chain = nullptr;  // Both are asked again, and tell again, for the next picture.
  impl_->shaped.reset();
  return std::exchange(impl_->missing, {});
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
  auto const parts = [](double at) {
    return whole<std::int64_t>(std::floor(at * kParts + 0.5), -kFarthestParts, kFarthestParts);
  };
  impl_->layout(font, text, [&](Face& face, Glyph& g, double pen, double lower_by) {
    if (face.colored) return;
    auto const across = parts(x + pen * scale), down = parts(y + lower_by * scale);
    auto const part =
        static_cast<std::uint32_t>(across & (kParts - 1)) << 16 | static_cast<std::uint32_t>(down & (kParts - 1));
    auto const& mask = impl_->letter(face, g, size, part);
    paint_mask(pixels, mask, static_cast<int>(across >> 8), static_cast<int>(down >> 8), brush);
  });
  return true;
}

}  // namespace cml::vega

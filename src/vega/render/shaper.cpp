#include "vega/render/shaper.hpp"

#include <hb-ot.h>
#include <hb.h>

#include FT_TRUETYPE_TABLES_H

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "vega/value/budget.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {
namespace {

constexpr double kShapeScale = 1024;     // Positions are whole 1/1024 pixels, as Pango has them.
constexpr double kLargestShaped = 8192;  // Pixels; above, positions are scaled up: HarfBuzz counts in 32 bits.
constexpr int kTabStops = 8;             // Blanks between two of them, as Pango has it.

hb_blob_t* read_table(hb_face_t*, hb_tag_t tag, void* self) {
  auto* const face = static_cast<FT_Face>(self);
  FT_ULong length = 0;
  if (FT_Load_Sfnt_Table(face, tag, 0, nullptr, &length) != 0 || length == 0) return nullptr;
  auto* const bytes = static_cast<FT_Byte*>(std::malloc(length));
  if (bytes == nullptr) return nullptr;
  if (FT_Load_Sfnt_Table(face, tag, 0, bytes, &length) == 0)
    return hb_blob_create(reinterpret_cast<char const*>(bytes), static_cast<unsigned>(length), HB_MEMORY_MODE_WRITABLE,
                          bytes, std::free);
  std::free(bytes);
  return nullptr;
}

hb_font_t* shape_font(Face& face) {
  if (face.shape_font != nullptr) return face.shape_font;
  auto* const made = hb_face_create_for_tables(read_table, face.face, nullptr);
  hb_face_set_upem(made, static_cast<unsigned>(face.units));
  face.shape_font = hb_font_create(made);
  if (auto const instance = static_cast<unsigned>(face.face->face_index) >> 16; instance > 0)
    hb_font_set_var_named_instance(face.shape_font, instance - 1);
  hb_face_destroy(made);
  return face.shape_font;
}

// One run with its font.
struct ShapeItem {
  TextRun run;
  Face* face = nullptr;
  bool tab = false;
};

}  // namespace

ScriptTag script_of(char32_t code) {
  auto* const facts = hb_unicode_funcs_get_default();
  if (facts == nullptr) return 0;
  auto const script = hb_unicode_script(facts, code);
  bool const none = script == HB_SCRIPT_COMMON || script == HB_SCRIPT_INHERITED || script == HB_SCRIPT_UNKNOWN;
  return none ? 0 : static_cast<ScriptTag>(script);
}

struct Shaper::Impl {
  hb_buffer_t* buffer = hb_buffer_create();  // Null: the library could not be loaded.

  // The code points of one line of the text, and the byte at which each begins; the last is the line's end.
  std::u32string codes;
  std::vector<std::size_t> bytes;

  Impl() = default;
  Impl(Impl const&) = delete;
  ~Impl() {
    if (buffer != nullptr) hb_buffer_destroy(buffer);
  }

  // Whether the font of the letter before it is the one to draw a mark with: it must join that letter.
  bool keeps_font(char32_t code, Face* current) const {
    if (current == nullptr) return false;
    if (follows_neighbours(code)) return true;
    if (buffer == nullptr || !current->has(code)) return false;
    auto const category = hb_unicode_general_category(hb_unicode_funcs_get_default(), code);
    return category == HB_UNICODE_GENERAL_CATEGORY_NON_SPACING_MARK ||
           category == HB_UNICODE_GENERAL_CATEGORY_SPACING_MARK ||
           category == HB_UNICODE_GENERAL_CATEGORY_ENCLOSING_MARK;
  }

  // Cuts runs where the font changes.
  std::vector<ShapeItem> items_of(Choose const& choose) const {
    std::vector<ShapeItem> items;
    for (auto const& run : text_runs(codes, script_of)) {
      Face* current = nullptr;
      auto first = items.size();
      std::size_t waiting = 0;  // Characters at the start of the run that take the font of what comes after them.
      for (auto at = run.begin; at < run.end; ++at) {
        auto const code = codes[at];
        bool const tab = code == U'\t';
        if (current == nullptr && follows_neighbours(code) && !tab && at + 1 < run.end) {
          ++waiting;
          continue;
        }
        auto* const face = keeps_font(code, current) ? current : choose(code, run.script, run.emoji);
        if (tab || items.size() == first || face != current || items.back().tab) {
          items.push_back({run, face, tab});
          items.back().run.begin = at - waiting;
        }
        waiting = 0;
        items.back().run.end = at + 1;
        current = face;
      }
    }
    return items;
  }

  void shape_item(ShapeItem const& item, double size, double& pen, double down, ShapedLine& out) {
    auto const& run = item.run;
    double const shaped_size = std::clamp(size, 0.0, kLargestShaped), up = shaped_size > 0 ? size / shaped_size : 0;
    auto* const font = shape_font(*item.face);
    auto const scale = static_cast<int>(std::lround(shaped_size * kShapeScale));
    hb_font_set_scale(font, scale, scale);
    hb_buffer_clear_contents(buffer);
    hb_buffer_add_utf32(buffer, reinterpret_cast<std::uint32_t const*>(codes.data()), static_cast<int>(codes.size()),
                        static_cast<unsigned>(run.begin), static_cast<int>(run.end - run.begin));
    bool const backward = (run.level & 1) != 0;
    hb_buffer_set_direction(buffer, backward ? HB_DIRECTION_RTL : HB_DIRECTION_LTR);
    hb_buffer_set_script(buffer, run.script != 0 ? static_cast<hb_script_t>(run.script) : HB_SCRIPT_COMMON);
    // No language: nothing says which it is, and the reference has none, either.
    hb_shape(font, buffer, nullptr, 0);
    unsigned count = 0;
    auto const* const infos = hb_buffer_get_glyph_infos(buffer, &count);
    auto const* const places = hb_buffer_get_glyph_positions(buffer, &count);
    ShapedRun shaped{item.face, backward, run.script, bytes[run.begin], bytes[run.end], {}};
    shaped.glyphs.reserve(count);
    for (unsigned i = 0; i < count; ++i) {
      shaped.glyphs.push_back({infos[i].codepoint, pen + places[i].x_offset * up / kShapeScale,
                               down - places[i].y_offset * up / kShapeScale, bytes[infos[i].cluster]});
      pen += places[i].x_advance * up / kShapeScale;
    }
    out.runs.push_back(std::move(shaped));
  }

  // Without HarfBuzz: one glyph a character, at its font's advance.
  void place_item(ShapeItem const& item, double size, double& pen, double down, ShapedLine& out) const {
    ShapedRun placed{item.face, false, item.run.script, bytes[item.run.begin], bytes[item.run.end], {}};
    for (auto at = item.run.begin; at < item.run.end; ++at) {
      auto const& glyph = item.face->of_code(codes[at]);
      placed.glyphs.push_back({glyph.index, pen, down, bytes[at]});
      pen += glyph.advance * size / item.face->units;
    }
    out.runs.push_back(std::move(placed));
  }

  double shape_line(double size, double down, Choose const& choose, ShapedLine& out) {
    if (codes.empty()) return 0;
    budget::steps(5000 + 500 * codes.size());
    auto const items = items_of(choose);
    budget::steps(2000 * items.size());
    std::vector<std::uint8_t> levels;
    for (auto const& item : items) levels.push_back(item.run.level);
    double pen = 0;
    for (auto const at : visual_order(levels)) {
      auto const& item = items[at];
      if (item.face == nullptr || item.face->face == nullptr) continue;
      if (item.tab) {
        double const stop = kTabStops * item.face->of_code(U' ').advance * size / item.face->units;
        if (stop > 0) pen = (std::floor(pen / stop) + 1) * stop;
      } else if (buffer != nullptr) {
        shape_item(item, size, pen, down, out);
      } else {
        place_item(item, size, pen, down, out);
      }
    }
    return pen;
  }
};

Shaper::Shaper() = default;
Shaper::~Shaper() = default;

bool Shaper::works() {
  if (!impl_) impl_ = std::make_unique<Impl>();
  return impl_->buffer != nullptr;
}

void Shaper::forget(Face& face) {
  if (face.shape_font != nullptr) hb_font_destroy(face.shape_font);
  face.shape_font = nullptr;
}

ShapedLine Shaper::shape(std::string_view text, double size, Choose const& choose) {
  works();
  ShapedLine out;
  double down = 0;
  auto& codes = impl_->codes;
  auto& bytes = impl_->bytes;
  for (std::size_t at = 0; at <= text.size();) {
    codes.clear(), bytes.clear();
    auto start = at;
    bool ended = at == text.size();
    while (!ended) {
      start = at;
      auto const code = decode_utf8(text, at);
      if (code == U'\n' || code == U'\r' || code == 0x2029) {
        if (code == U'\r' && at < text.size() && text[at] == '\n') ++at;
        break;
      }
      codes += code;
      bytes.push_back(start);
      ended = at == text.size();
      if (ended) start = at;
    }
    bytes.push_back(start);
    out.width = std::max(out.width, impl_->shape_line(size, down, choose, out));
    if (ended) break;
    auto* const face = choose(U' ', 0, false);
    if (face != nullptr && face->face != nullptr)  // Whole pixels above the baseline and below, as Pango has them.
      down +=
          std::ceil(face->face->ascender * size / face->units) + std::ceil(-face->face->descender * size / face->units);
  }
  return out;
}

}  // namespace cml::vega

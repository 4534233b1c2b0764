#include "vega/render/face.hpp"

#include FT_OUTLINE_H
#include FT_TRUETYPE_TABLES_H

namespace cml::vega {
namespace {

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

void read_outline(Face& face, Glyph& glyph) {
  glyph.outlined = true;
  auto* const slot = face.face->glyph;
  if (FT_Load_Glyph(face.face, glyph.index, FT_LOAD_NO_SCALE) != 0 || slot->format != FT_GLYPH_FORMAT_OUTLINE) return;
  if (face.bolder) {
    auto const strength = static_cast<FT_Pos>(face.units * kBoldening);
    FT_Outline_Embolden(&slot->outline, strength);
  }
  if (face.slanted) {
    FT_Matrix const slant{0x10000, static_cast<FT_Fixed>(kSlant * 0x10000), 0, 0x10000};
    FT_Outline_Transform(&slot->outline, &slant);
  }
  OutlineReader reader{glyph.outline};
  FT_Outline_Funcs const funcs{
      OutlineReader::move, OutlineReader::line, OutlineReader::conic, OutlineReader::cubic, 0, 0};
  FT_Outline_Decompose(&slot->outline, &funcs, &reader);
}

bool opened(Face& face) {
  face.units = face.face->units_per_EM;
  // FreeType tells none of fonts that have pictures alone.
  if (auto const* head = static_cast<TT_Header const*>(FT_Get_Sfnt_Table(face.face, FT_SFNT_HEAD)); head != nullptr)
    face.units = head->Units_Per_EM;
  face.kerning = FT_HAS_KERNING(face.face) != 0;
  face.colored = FT_HAS_COLOR(face.face) != 0;
  if (face.units > 0) return true;
  FT_Done_Face(face.face);
  face.face = nullptr;
  return false;
}

}  // namespace

void Face::load(Glyph& glyph) {
  glyph.loaded = true;
  if (FT_Load_Glyph(face, glyph.index, FT_LOAD_NO_SCALE) == 0)
    glyph.advance = static_cast<double>(face->glyph->metrics.horiAdvance);
}

Glyph& Face::of_code(char32_t code) {
  Glyph& glyph = code < ascii.size() ? ascii[code] : others[code];
  if (!glyph.loaded && face != nullptr) {
    glyph.index = FT_Get_Char_Index(face, code);
    load(glyph);
  }
  return glyph;
}

Glyph& Face::of_index(unsigned index) {
  Glyph& glyph = by_index[index];
  if (!glyph.loaded && face != nullptr) {
    glyph.index = index;
    load(glyph);
  }
  return glyph;
}

bool open_face(Face& face, FT_Library library, std::string const& path, int index) {
  return FT_New_Face(library, path.c_str(), index, &face.face) == 0 && opened(face);
}

bool open_face(Face& face, FT_Library library, std::string_view bytes) {
  return FT_New_Memory_Face(library, reinterpret_cast<FT_Byte const*>(bytes.data()), static_cast<FT_Long>(bytes.size()),
                            0, &face.face) == 0 &&
         opened(face);
}

void trace_glyph(Face& face, Glyph& glyph, double size, double x, double y, PathSink& sink) {
  if (face.face == nullptr) return;
  if (!glyph.outlined) read_outline(face, glyph);
  double const k = size / face.units;
  auto const px = [&](Glyph::Step const& s, int i) { return x + s.v[i] * k; };
  auto const py = [&](Glyph::Step const& s, int i) { return y - s.v[i] * k; };
  bool open = false;
  for (auto const& s : glyph.outline) {
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

}  // namespace cml::vega

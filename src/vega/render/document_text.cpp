// cairo keeps faces that it has shown in a cache of the process, past the document and past the FontSet that opened
// them. So each face that is handed over holds FreeType's face and library by their own counts, which FreeType guards
// by nothing: whoever makes documents or closes fonts holds document_fonts() meanwhile.
#include "vega/render/document_text.hpp"

#include <cairo-ft.h>
#include <freetype/ftmodapi.h>

#include <vector>

#include "base/text.hpp"

namespace cml::vega {
namespace {

cairo_user_data_key_t const kHeld{};

void release_face(void* held) {
  auto* const face = static_cast<FT_Face>(held);
  auto* const library = face->glyph->library;
  FT_Done_Face(face);
  FT_Done_FreeType(library);
}

// None when there is no memory for it.
FontFacePointer cairo_face(FT_Face face) {
  FontFacePointer made(cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP));
  if (cairo_font_face_status(made.get()) != CAIRO_STATUS_SUCCESS) return nullptr;
  if (cairo_font_face_get_user_data(made.get(), &kHeld) != nullptr) return made;  // cairo knew this face.
  FT_Reference_Library(face->glyph->library);
  FT_Reference_Face(face);
  if (cairo_font_face_set_user_data(made.get(), &kHeld, face, release_face) == CAIRO_STATUS_SUCCESS) return made;
  release_face(face);
  return nullptr;
}

}  // namespace

cairo_font_face_t* DocumentText::face_for(void* face) {
  auto const [place, added] = faces_.try_emplace(face);
  if (added) place->second = cairo_face(static_cast<FT_Face>(face));
  return place->second.get();
}

void DocumentText::show(Font const& font, std::string_view line, double x, double y) {
  void* run_face = nullptr;
  std::vector<cairo_glyph_t> run;
  auto const show_run = [&] {
    auto* const face = run.empty() ? nullptr : face_for(run_face);
    if (face != nullptr) {
      cairo_set_font_face(canvas_, face);
      cairo_set_font_size(canvas_, font.size);
      cairo_show_glyphs(canvas_, run.data(), static_cast<int>(run.size()));
    }
    run.clear();
  };
  fonts_.each_glyph(font, line, [&](PlacedGlyph const& glyph) {
    if (glyph.face != run_face) show_run();
    run_face = glyph.face;
    if (glyph.face != nullptr) run.push_back({glyph.index, x + glyph.x, y});
  });
  show_run();
}

std::string link_attributes(std::string_view address) {
  if (!address.starts_with("https://") && !address.starts_with("http://") && !address.starts_with("mailto:")) return {};
  // cairo puts the address into the document as it is, where ")" would end it and begin another action, such as a
  // script. What no address holds unencoded (RFC 3986) is encoded, and the parentheses.
  constexpr std::string_view kAsTheyAre = "%:/?#[]@!$&*+,;='";
  std::string out = "uri='";
  for (char c : percent_encode(address, kAsTheyAre)) {
    if (c == '\'') out += '\\';
    out += c;
  }
  return out + "'";
}

}  // namespace cml::vega

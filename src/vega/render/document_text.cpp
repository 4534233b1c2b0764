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
FontFacePointer cairo_face(Face const& opened) {
  auto* const face = opened.face;
  FontFacePointer made(cairo_ft_font_face_create_for_ft_face(face, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP));
  if (cairo_font_face_status(made.get()) != CAIRO_STATUS_SUCCESS) return nullptr;
  if (cairo_font_face_get_user_data(made.get(), &kHeld) != nullptr) return made;  // cairo knew this face.
  if (opened.bolder) cairo_ft_font_face_set_synthesize(made.get(), CAIRO_FT_SYNTHESIZE_BOLD);
  if (opened.slanted) cairo_ft_font_face_set_synthesize(made.get(), CAIRO_FT_SYNTHESIZE_OBLIQUE);
  FT_Reference_Library(face->glyph->library);
  FT_Reference_Face(face);
  if (cairo_font_face_set_user_data(made.get(), &kHeld, face, release_face) == CAIRO_STATUS_SUCCESS) return made;
  release_face(face);
  return nullptr;
}

// Which characters which glyphs are for, in the order of the text. They cover all of the run.
std::vector<cairo_text_cluster_t> clusters_of(ShapedRun const& run) {
  std::vector<cairo_text_cluster_t> clusters;
  auto const count = run.glyphs.size();
  auto const at = [&](std::size_t i) -> ShapedGlyph const& { return run.glyphs[run.backward ? count - 1 - i : i]; };
  for (std::size_t i = 0; i < count;) {
    auto end = i;
    while (end < count && at(end).cluster == at(i).cluster) ++end;
    auto const begin = i == 0 ? run.begin : at(i).cluster, next = end < count ? at(end).cluster : run.end;
    clusters.push_back({static_cast<int>(next - begin), static_cast<int>(end - i)});
    i = end;
  }
  return clusters;
}

}  // namespace

cairo_font_face_t* DocumentText::face_for(Face const& face) {
  auto const [place, added] = faces_.try_emplace(&face);
  if (added) place->second = cairo_face(face);
  return place->second.get();
}

void DocumentText::show(Font const& font, std::string_view line, double x, double y) {
  fonts_.each_run(font, line, [&](ShapedRun const& run) {
    auto* const face = run.glyphs.empty() || run.face->colored ? nullptr : face_for(*run.face);
    if (face == nullptr) return;
    std::vector<cairo_glyph_t> glyphs;
    for (auto const& glyph : run.glyphs) glyphs.push_back({glyph.index, x + glyph.x, y + glyph.y});
    auto const clusters = clusters_of(run);
    cairo_set_font_face(canvas_, face);
    cairo_set_font_size(canvas_, font.size);
    cairo_show_text_glyphs(canvas_, line.data() + run.begin, static_cast<int>(run.end - run.begin), glyphs.data(),
                           static_cast<int>(glyphs.size()), clusters.data(), static_cast<int>(clusters.size()),
                           run.backward ? CAIRO_TEXT_CLUSTER_FLAG_BACKWARD : cairo_text_cluster_flags_t{});
  });
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

// Text and links for cairo's documents.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "vega/render/cairo_sink.hpp"
#include "vega/render/fonts.hpp"

namespace cml::vega {

struct FontFaceDeleter {
  void operator()(cairo_font_face_t* face) const { cairo_font_face_destroy(face); }
};
using FontFacePointer = std::unique_ptr<cairo_font_face_t, FontFaceDeleter>;

// Text of one document as glyphs: it embeds of each font what it uses, once, and the text can be searched and copied.
class DocumentText {
 public:
  DocumentText(cairo_t* canvas, FontSet& fonts) : canvas_(canvas), fonts_(fonts) {}
  // Shows one line whose baseline starts at (x, y) in cairo's current colour.
  void show(Font const& font, std::string_view line, double x, double y);

 private:
  cairo_font_face_t* face_for(Face const& face);

  cairo_t* canvas_;
  FontSet& fonts_;
  std::unordered_map<Face const*, FontFacePointer> faces_;  // Null: no memory for it.
};

// What `address` is as attributes of cairo's tag for links; empty when a reader of a document should not follow it:
// only absolute addresses of the web and of mail can be meant outside of a page.
std::string link_attributes(std::string_view address);

}  // namespace cml::vega

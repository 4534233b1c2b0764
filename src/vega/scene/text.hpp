// Measuring text. The engine asks through this interface; the renderer's fonts answer it (vega/render).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vega/scene/scene.hpp"

namespace cml::vega {

struct Font {
  std::string family = "sans-serif";
  double size = 11;  // Pixels.
  bool bold = false, italic = false;
  int weight = 0;  // CSS, 100 to 900, for families that have more than two; 0: as `bold` says.
  bool operator==(Font const&) const = default;
};

class TextMetrics {
 public:
  virtual ~TextMetrics() = default;
  virtual double width(Font const& font, std::string_view text) = 0;  // Pixels.
};

// What the scene needs to know of the world to place items.
class SceneContext {
 public:
  virtual ~SceneContext() = default;
  virtual TextMetrics& text() = 0;
  // Natural size of an image in pixels; false when it cannot be had.
  virtual bool image_size(std::string_view url, double& width, double& height) = 0;
};

Font item_font(Mark const& mark, std::size_t item);
double font_size(Mark const& mark, std::size_t item);
double line_height(Mark const& mark, std::size_t item);
// The lines of a text item as drawn: converted, trimmed, cut to the limit with an ellipsis.
std::vector<std::string> drawn_lines(Mark const& mark, std::size_t item, TextMetrics& metrics);
std::size_t line_count(Mark const& mark, std::size_t item);
// Extra height of all lines after the first.
double multi_line_offset(Mark const& mark, std::size_t item);
// Distance from the anchor to the alphabetic baseline, whole pixels (vega-scenegraph util/text).
double baseline_offset(Mark const& mark, std::size_t item);
// The anchor, moved by radius and theta.
void text_anchor(Mark const& mark, std::size_t item, double& x, double& y);

}  // namespace cml::vega

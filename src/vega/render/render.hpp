// Scenes to bytes.
#pragma once

#include <string>

#include "base/result.hpp"
#include "vega/render/fonts.hpp"
#include "vega/render/images.hpp"
#include "vega/scene/scene.hpp"

namespace cml::vega {

struct RasterOptions {
  double scale = 1;    // Pixels for one unit of the scene; the picture's size is cut to whole pixels.
  double ppi = 0;      // When above zero: also scales by ppi/72 and is written as pHYs.
  bool exact = false;  // Stroke every point of dense lines instead of what pixels can show.
  int quality = 90;    // Of a JPEG, 1 to 100.
};

// BadInput when the picture would be empty or over the pixel limit.
Result<std::string> render_png(Scene const& scene, RasterOptions const& options, FontSet& fonts, Images& images);
// The same as JPEG, over white where nothing is drawn: JPEG knows no transparency.
Result<std::string> render_jpeg(Scene const& scene, RasterOptions const& options, FontSet& fonts, Images& images);
// One page; `scale` is points for one unit of the scene. BadInput beyond 14400 points a side.
Result<std::string> render_pdf(Scene const& scene, double scale, FontSet& fonts, Images& images);
Result<std::string> render_svg(Scene const& scene, double scale, FontSet& fonts, Images& images);

// The most pixels a picture may have.
inline constexpr double kMaxPixels = 1 << 28;

}  // namespace cml::vega

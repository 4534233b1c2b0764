// CSS colours and the colour spaces of d3-color. Channels: rgb 0..255, h degrees, s/l of hsl 0..1, lab/hcl in CIE
// units.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cml::vega {

struct Rgb {
  double r = 0, g = 0, b = 0, opacity = 1;  // NaN channels are "unknown" and interpolate as the other end.
};
struct Hsl {
  double h = 0, s = 0, l = 0, opacity = 1;
};
struct Lab {
  double l = 0, a = 0, b = 0, opacity = 1;
};
struct Hcl {
  double h = 0, c = 0, l = 0, opacity = 1;
};
struct Cubehelix {
  double h = 0, s = 0, l = 0, opacity = 1;
};

// Named colours, #rgb[a], #rrggbb[aa], rgb(), rgba(), hsl(), hsla(), "transparent" (channels NaN, opacity 0).
std::optional<Rgb> parse_color(std::string_view text);
// "rgb(r, g, b)" or "rgba(...)", rounded and clamped, as d3-color prints.
std::string format_rgb(Rgb const& color);

Hsl to_hsl(Rgb const& color);
Rgb to_rgb(Hsl const& color);
Lab to_lab(Rgb const& color);
Rgb to_rgb(Lab const& color);
Hcl to_hcl(Rgb const& color);
Rgb to_rgb(Hcl const& color);
Cubehelix to_cubehelix(Rgb const& color);
Rgb to_rgb(Cubehelix const& color);
double luminance(Rgb const& color);  // WCAG relative luminance, 0..1.

}  // namespace cml::vega

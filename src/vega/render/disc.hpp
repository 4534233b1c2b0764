// Discs and rings straight into pixels. Scatter plots are thousands of small circles; a path for each, flattened and
// scanned by cairo, costs ten times the sums below. Coverage is exact for a straight edge, corrected for curvature:
// within 1/60 of the area.
#pragma once

#include "vega/render/pixels.hpp"

namespace cml::vega {

// Below this radius in pixels the edge is too curved for the coverage formula.
constexpr double kSmallestDisc = 1.5;

// The ring between two radii, painted over what is there; inner 0 is a disc. All in pixels; radii 0 or at least
// kSmallestDisc.
void paint_ring(Pixels const&, double x, double y, double outer, double inner, SolidColor const&);

}  // namespace cml::vega

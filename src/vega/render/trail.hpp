// Trails without cairo: a trail is the union of its pieces, as a stroke is.
#pragma once

#include "vega/render/coverage.hpp"
#include "vega/scene/shapes.hpp"

namespace cml::vega {

// `scale` and the rest of `to_device` turn and stretch nothing. False, with nothing painted: not finite, or so broad
// that cairo is quicker.
bool paint_trail(Coverage& coverage, Mark const& trail, Affine const& to_device, Pixels const& pixels,
                 SolidColor const& color);

}  // namespace cml::vega

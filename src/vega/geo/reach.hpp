// How far an object spreads in longitude, so that a composite projection can leave out the parts it cannot touch.
#pragma once

#include <optional>

#include "vega/geo/stream.hpp"

namespace cml::vega::geo {

struct Reach {
  double west = 180, east = -180;  // Degrees; west > east: no points at all.
};

// Nothing for an object that may be seen anywhere: one that crosses the antimeridian or a pole, that is not within the
// sphere's degrees, or whose inside is the larger part of the sphere.
std::optional<Reach> reach(Value const& object);

}  // namespace cml::vega::geo

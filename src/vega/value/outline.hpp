// An outline in the plane as numbers: what a shape of a map is drawn from. It becomes SVG path text only where text is
// asked for.
#pragma once

#include "vega/value/value.hpp"

namespace cml::vega {

class Outline : public Counted {
 public:
  struct Point {
    double x, y;
  };
  enum class Kind : std::uint8_t { Line, Ring, Dot };
  struct Run {
    Kind kind;
    std::uint32_t end;  // One past its last point; it begins where the run before ends.
  };

  bool empty() const { return points.empty(); }
  bool finite() const;  // Path text with other numbers is malformed: nothing of such an outline is drawn.
  // SVG path data; `digits` rounds numbers to so many decimals, below 0 they are exact.
  std::string text(int digits = -1) const;

  std::vector<Point> points;
  std::vector<Run> runs;
  double dot_radius = 0;
};

}  // namespace cml::vega

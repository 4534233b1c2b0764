// d3-shape's curves over a PathSink.
#pragma once

#include <memory>
#include <string_view>

#include "vega/scene/path.hpp"

namespace cml::vega {

class Curve {
 public:
  explicit Curve(PathSink& sink) : sink_(&sink) {}
  virtual ~Curve() = default;
  virtual void area_start() { line_ = 0; }
  virtual void area_end() { line_ = -1; }
  virtual void line_start() = 0;
  virtual void line_end() = 0;
  virtual void point(double x, double y) = 0;

 protected:
  void begin(double x, double y) { line_ == 1 ? sink_->line_to(x, y) : sink_->move_to(x, y); }
  // Closes an area's second pass, and a lone point so that round caps show it; then turns to the next pass.
  void finish(bool lone_point) {
    if (line_ == 1 || (line_ != 0 && lone_point)) sink_->close();
    if (line_ >= 0) line_ = 1 - line_;
  }
  PathSink* sink_;
  int line_ = -1;  // -1: a plain line; 0 and 1: the two passes of an area.
};

// Null for an unknown name. `horizontal` chooses monotone's axis; `tension` NaN takes the curve's default.
std::unique_ptr<Curve> make_curve(std::string_view name, bool horizontal, double tension, PathSink& sink);

}  // namespace cml::vega

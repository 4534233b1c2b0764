// Where outlines go: cairo, SVG text and the bounding-box calculator each implement PathSink (the canvas path calls).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "vega/scene/bounds.hpp"

namespace cml::vega {

class Outline;

class PathSink {
 public:
  virtual ~PathSink() = default;
  virtual void move_to(double x, double y) = 0;
  virtual void line_to(double x, double y) = 0;
  virtual void curve_to(double x1, double y1, double x2, double y2, double x, double y) = 0;
  virtual void quad_to(double x1, double y1, double x, double y) = 0;
  // Angles in radians; a line joins the current point to the start, as in canvas.
  virtual void arc(double cx, double cy, double r, double a0, double a1, bool counter_clockwise) = 0;
  virtual void rect(double x, double y, double width, double height) = 0;
  virtual void close() = 0;
};

// SVG path data as d3-path writes it, numbers rounded to three decimals.
class SvgPathSink final : public PathSink {
 public:
  void move_to(double x, double y) override;
  void line_to(double x, double y) override;
  void curve_to(double x1, double y1, double x2, double y2, double x, double y) override;
  void quad_to(double x1, double y1, double x, double y) override;
  void arc(double cx, double cy, double r, double a0, double a1, bool counter_clockwise) override;
  void rect(double x, double y, double width, double height) override;
  void close() override;
  std::string const& data() const { return out_; }

 private:
  void point(char command, double x, double y);
  std::string out_;
  bool started_ = false;
  double x0_ = 0, y0_ = 0, x_ = 0, y_ = 0;
};

// The box of what is drawn, optionally turned by an angle in degrees about the origin (vega-scenegraph boundContext).
class BoundsSink final : public PathSink {
 public:
  explicit BoundsSink(double angle_degrees = 0);
  void move_to(double x, double y) override;
  void line_to(double x, double y) override { move_to(x, y); }
  void curve_to(double x1, double y1, double x2, double y2, double x, double y) override;
  void quad_to(double x1, double y1, double x, double y) override;
  void arc(double cx, double cy, double r, double a0, double a1, bool counter_clockwise) override;
  void rect(double x, double y, double width, double height) override;
  void close() override {}
  Bounds const& bounds() const { return bounds_; }

 private:
  double px(double x, double y) const { return ma_ * x + mc_ * y; }
  double py(double x, double y) const { return mb_ * x + md_ * y; }
  Bounds bounds_;
  double lx_ = 0, ly_ = 0, turn_ = 0, ma_ = 1, mb_ = 0, mc_ = 0, md_ = 1;
};

// Parsed SVG path data: one command letter with its numbers.
struct PathCommand {
  char letter;
  double values[7];
};
// Empty when the data is malformed; `ok` tells (an empty path is fine).
std::vector<PathCommand> parse_path(std::string_view data, bool& ok);
// Draws it moved by (x, y) and scaled.
void draw_path(PathSink& sink, std::vector<PathCommand> const& path, double x, double y, double scale_x,
               double scale_y);

// The same of an outline's text, without the text.
void draw_outline(PathSink& sink, Outline const& outline, double scale_x, double scale_y);

// A number as SVG output prints it: at most three decimals.
std::string svg_number(double value);

}  // namespace cml::vega

// Strokes without cairo, whose scan converter takes quadratic time for long lines: time here is that of the points plus
// the pixels under the stroke. Segments, corners, ends and dashes are convex pieces, united by Coverage.
#pragma once

#include <cstddef>
#include <vector>

#include "vega/render/coverage.hpp"
#include "vega/render/fill.hpp"

namespace cml::vega {

enum class StrokeCap { Butt, Round, Square };
enum class StrokeJoin { Miter, Round, Bevel };

struct StrokeStyle {
  double width = 1;
  StrokeCap cap = StrokeCap::Butt;
  StrokeJoin join = StrokeJoin::Miter;
  double miter_limit = 4;
  std::vector<double> dashes;  // Lengths drawn and left out in turn; empty: none.
  double dash_offset = 0;

  StrokeStyle scaled(double factor) const;
};

// Takes outlines and strokes them.
class StrokeSink final : public Flattener<StrokeSink> {
 public:
  // Begins a new outline; coordinates are in the user space that `to_device` maps to pixels, the style in pixels.
  void start(Affine const& to_device, StrokeStyle style);
  void close() override;

  // False, with nothing painted: so broad that it covers itself many times over, or not finite.
  bool paint(Pixels const& pixels, SolidColor const& color);
  // The same as a mask of the pixels that the stroke may touch.
  bool mask(Pixels const& pixels, Mask& out);

 private:
  friend class Flattener<StrokeSink>;
  struct Vertex {
    PixelPoint at;
    bool smooth;  // Within a curve: its corner is rounded whatever the style says.
  };
  struct Line {
    std::size_t begin, end;  // Of vertices_.
    bool closed;
  };
  struct Box {
    int left, top, right, bottom;
  };
  // Points of a dense line on their way into vertices_: of many that follow each other in one column of pixels, as
  // narrow as half the stroke, only the first, lowest, highest and last count (the M4 aggregation), the lowest and
  // highest with how far they go on at their height: a stroke's width shows above a step, and not above a peak.
  struct Extreme {
    Vertex begin, end;
    std::size_t begin_index, end_index;
    void restart(Vertex const& v, std::size_t index) { begin = end = v, begin_index = end_index = index; }
    void add(Vertex const& v, std::size_t index) {
      if (v.at.y == end.at.y && index == end_index + 1) end = v, end_index = index;
    }
  };
  struct Column {
    double number;
    std::size_t last_index;
    Extreme low, high;
    Vertex last;
  };

  void begin_outline();
  void end_outline();
  void edge_to(PixelPoint to, bool smooth);
  void leave_along(PixelPoint b, PixelPoint c, PixelPoint d);
  void arrive_along(PixelPoint b, PixelPoint c, PixelPoint d);
  bool take_tangent(PixelPoint& tangent, PixelPoint from, PixelPoint to);
  void add_tangent(PixelPoint& tangent, PixelPoint at, double by, PixelPoint chord);
  void add_vertex(Vertex const& vertex);
  void flush_column();

  bool finite_box(Pixels const& pixels, Box& box) const;
  template <class Take>
  bool each_band(Pixels const& pixels, Take take);
  void add_lines(Box const& box);
  void add_line(Line const& line, Box const& box);
  void add_dashes(std::vector<Vertex> const& line, bool closed, Box const& box);
  void add_segment(PixelPoint a, PixelPoint b, PixelPoint direction);
  void add_join(Vertex const& vertex, PixelPoint from, PixelPoint to);
  void add_cap(PixelPoint at, PixelPoint outward);

  StrokeStyle style_;
  bool thins_ = false;
  bool pending_ = false, reopened_ = false;  // A line begins with the next edge; where a closed one began.
  PixelPoint leave_{0, 0}, arrive_{0, 0};    // Tangents of a curve's ends, for the edges there; 0: none.
  double columns_ = 1;                       // A pixel.
  bool column_open_ = false;
  Column column_{};
  std::vector<Vertex> few_;  // The first points of the column, but the very first.
  std::vector<Vertex> vertices_, distinct_;
  std::vector<Line> lines_;
  Coverage coverage_;
};

}  // namespace cml::vega

// Clipping of lines and polygons: on the sphere against the antimeridian or a circle, in the plane against a rectangle.
// Polygons are cut into visible segments that are rejoined along the clip edge (d3-geo's clip).
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "vega/geo/sphere.hpp"
#include "vega/geo/stream.hpp"

namespace cml::vega::geo {

struct ClipPoint {
  double x = 0, y = 0;
  int mark = 0;  // Not zero: lies on the clip edge, though it equals another point.
};
using Segment = std::vector<ClipPoint>;

// Segments whose memory serves again after clear(): a map is thousands of small rings.
class Segments {
 public:
  Segment& add() {
    if (count_ == all_.size()) all_.emplace_back();
    all_[count_].clear();
    return all_[count_++];
  }
  void clear() { count_ = 0; }
  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }
  Segment& back() { return all_[count_ - 1]; }
  Segment& operator[](std::size_t i) { return all_[i]; }
  auto begin() { return all_.begin(); }
  auto end() { return all_.begin() + static_cast<std::ptrdiff_t>(count_); }
  auto begin() const { return all_.begin(); }
  auto end() const { return all_.begin() + static_cast<std::ptrdiff_t>(count_); }
  // The last goes on with the first.
  void rejoin_ends();

 private:
  std::vector<Segment> all_;
  std::size_t count_ = 0;
};

// Interpolates along the clip edge from one point to another; null ends mean all around.
using Interpolate = std::function<void(ClipPoint const* from, ClipPoint const* to, int direction, GeoSink& sink)>;
using ComparePoints = std::function<double(ClipPoint const& a, ClipPoint const& b)>;
void rejoin(Segments& segments, ComparePoints const& compare, bool start_inside, Interpolate const& interpolate,
            GeoSink& sink);

// Collects lines.
class ClipBuffer : public GeoSink {
 public:
  void point(double x, double y) override { mark(x, y, 0); }
  void mark(double x, double y, int value) {
    if (!lines.empty()) lines.back().push_back({x, y, value});
  }
  void line_start() override { lines.add(); }

  Segments lines;
};

std::unique_ptr<GeoSink> clip_antimeridian(GeoSink& next);
std::unique_ptr<GeoSink> clip_circle(double radius, GeoSink& next);
std::unique_ptr<GeoSink> clip_rectangle(double x0, double y0, double x1, double y1, GeoSink& next);

// Points of the circle of a radius around [0, 0], between two points of it or all around.
void circle_stream(GeoSink& sink, double radius, double delta, int direction, ClipPoint const* from,
                   ClipPoint const* to);

}  // namespace cml::vega::geo

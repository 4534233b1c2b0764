// Clipping in the plane (d3-geo's clipRectangle): lines by Liang and Barsky, polygons rejoined along the rectangle.
#include "vega/geo/clip.hpp"

namespace cml::vega::geo {
namespace {

constexpr double kFar = 1e9;

class RectangleClip : public GeoSink {
 public:
  RectangleClip(double x0, double y0, double x1, double y1, GeoSink& next)
      : x0_(x0), y0_(y0), x1_(x1), y1_(y1), next_(next) {}

  void point(double x, double y) override {
    if (in_line_)
      line_point(x, y);
    else if (visible(x, y))
      active().point(x, y);
  }
  void polygon_start() override {
    in_polygon_ = clean_ = true;
    segments_.clear();
    polygon_.clear();
  }
  void polygon_end() override {
    int const winding = polygon_inside();
    bool const clean_inside = clean_ && winding;
    in_polygon_ = false;
    if (clean_inside || !segments_.empty()) {
      next_.polygon_start();
      if (clean_inside) {
        next_.line_start();
        interpolate(nullptr, nullptr, 1, next_);
        next_.line_end();
      }
      if (!segments_.empty())
        rejoin(
            segments_, [this](ClipPoint const& a, ClipPoint const& b) { return compare(a, b); }, winding != 0,
            [this](ClipPoint const* from, ClipPoint const* to, int direction, GeoSink& sink) {
              interpolate(from, to, direction, sink);
            },
            next_);
      next_.polygon_end();
    }
  }
  void line_start() override {
    in_line_ = first_ = true;
    if (in_polygon_) polygon_.add();
    last_visible_ = false;
    last_x_ = last_y_ = std::nan("");
  }
  void line_end() override {
    if (in_polygon_ && !first_) {
      line_point(first_x_, first_y_);
      if (first_visible_ && last_visible_) buffer_.lines.rejoin_ends();
    }
    // d3 ends the buffer's line after taking its result, which changes nothing there.
    if (in_polygon_) {
      for (auto& segment : buffer_.lines) std::swap(segments_.add(), segment);
      buffer_.lines.clear();
    } else if (last_visible_) {
      next_.line_end();
    }
    in_line_ = false;
  }
  void sphere() override { next_.sphere(); }

 private:
  GeoSink& active() { return in_polygon_ ? static_cast<GeoSink&>(buffer_) : next_; }
  bool visible(double x, double y) const { return x0_ <= x && x <= x1_ && y0_ <= y && y <= y1_; }

  int corner(ClipPoint const& p, int direction) const {
    if (std::fabs(p.x - x0_) < kEpsilon) return direction > 0 ? 0 : 3;
    if (std::fabs(p.x - x1_) < kEpsilon) return direction > 0 ? 2 : 1;
    if (std::fabs(p.y - y0_) < kEpsilon) return direction > 0 ? 1 : 0;
    return direction > 0 ? 3 : 2;
  }
  double compare(ClipPoint const& a, ClipPoint const& b) const {
    int const ca = corner(a, 1), cb = corner(b, 1);
    if (ca != cb) return ca - cb;
    return ca == 0 ? b.y - a.y : ca == 1 ? a.x - b.x : ca == 2 ? a.y - b.y : b.x - a.x;
  }
  void interpolate(ClipPoint const* from, ClipPoint const* to, int direction, GeoSink& sink) const {
    int a = 0, a1 = 0;
    if (from) a = corner(*from, direction), a1 = corner(*to, direction);
    if (!from || a != a1 || ((compare(*from, *to) < 0) ^ (direction > 0))) {
      do sink.point(a == 0 || a == 3 ? x0_ : x1_, a > 1 ? y1_ : y0_);
      while ((a = (a + direction + 4) % 4) != a1);
    } else {
      sink.point(to->x, to->y);
    }
  }
  // How often the rings wind around the corner (x0, y1).
  int polygon_inside() const {
    int winding = 0;
    for (auto const& ring : polygon_)
      for (std::size_t j = 1; j < ring.size(); ++j) {
        auto const &a = ring[j - 1], &b = ring[j];
        double const side = (b.x - a.x) * (y1_ - a.y) - (b.y - a.y) * (x0_ - a.x);
        if (a.y <= y1_) {
          if (b.y > y1_ && side > 0) ++winding;
        } else if (b.y <= y1_ && side < 0) {
          --winding;
        }
      }
    return winding;
  }
  // Shortens the line from a to b to what lies inside; false when nothing does.
  bool clip(ClipPoint& a, ClipPoint& b) const {
    double t0 = 0, t1 = 1;
    double const dx = b.x - a.x, dy = b.y - a.y, ax = a.x, ay = a.y;
    auto const edge = [&](double r, double d, bool low) {
      if (d == 0 && (low ? r > 0 : r < 0)) return false;
      r /= d;
      bool const entering = low ? d > 0 : d < 0, leaving = low ? d < 0 : d > 0;
      if (leaving) {
        if (r < t0) return false;
        if (r < t1) t1 = r;
      } else if (entering) {
        if (r > t1) return false;
        if (r > t0) t0 = r;
      }
      return true;
    };
    if (!edge(x0_ - ax, dx, true) || !edge(x1_ - ax, dx, false) || !edge(y0_ - ay, dy, true) ||
        !edge(y1_ - ay, dy, false))
      return false;
    if (t1 < 1) b = {ax + t1 * dx, ay + t1 * dy};
    if (t0 > 0) a = {ax + t0 * dx, ay + t0 * dy};
    return true;
  }
  void line_point(double x, double y) {
    bool const v = visible(x, y);
    if (in_polygon_) polygon_.back().push_back({x, y});
    auto& out = active();
    if (first_) {
      first_x_ = x, first_y_ = y, first_visible_ = v;
      first_ = false;
      if (v) {
        out.line_start();
        out.point(x, y);
      }
    } else if (v && last_visible_) {
      out.point(x, y);
    } else {
      auto const near = [](double n) { return std::fmax(-kFar, std::fmin(kFar, n)); };
      last_x_ = near(last_x_), last_y_ = near(last_y_), x = near(x), y = near(y);
      ClipPoint a{last_x_, last_y_}, b{x, y};
      if (clip(a, b)) {
        if (!last_visible_) {
          out.line_start();
          out.point(a.x, a.y);
        }
        out.point(b.x, b.y);
        if (!v) out.line_end();
        clean_ = false;
      } else if (v) {
        out.line_start();
        out.point(x, y);
        clean_ = false;
      }
    }
    last_x_ = x, last_y_ = y, last_visible_ = v;
  }

  double x0_, y0_, x1_, y1_;
  GeoSink& next_;
  ClipBuffer buffer_;
  Segments segments_, polygon_;
  bool in_polygon_ = false, in_line_ = false, first_ = true, clean_ = true, first_visible_ = false,
       last_visible_ = false;
  double first_x_ = 0, first_y_ = 0, last_x_ = 0, last_y_ = 0;
};

}  // namespace

std::unique_ptr<GeoSink> clip_rectangle(double x0, double y0, double x1, double y1, GeoSink& next) {
  return std::make_unique<RectangleClip>(x0, y0, x1, y1, next);
}

}  // namespace cml::vega::geo

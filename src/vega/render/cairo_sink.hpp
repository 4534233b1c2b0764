// cairo for the renderer: its objects, and outlines as its path.
#pragma once

#include <memory>

#include <cairo.h>

#include "vega/scene/path.hpp"

namespace cml::vega {

// Freed whatever ends the drawing.
struct SurfaceDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};
using SurfacePointer = std::unique_ptr<cairo_surface_t, SurfaceDeleter>;
struct CanvasDeleter {
  void operator()(cairo_t* cr) const { cairo_destroy(cr); }
};
using CanvasPointer = std::unique_ptr<cairo_t, CanvasDeleter>;

class CairoSink final : public PathSink {
 public:
  explicit CairoSink(cairo_t* cr) : cr_(cr) {}
  void move_to(double x, double y) override { cairo_move_to(cr_, x, y); }
  void line_to(double x, double y) override { cairo_line_to(cr_, x, y); }
  void curve_to(double x1, double y1, double x2, double y2, double x, double y) override {
    cairo_curve_to(cr_, x1, y1, x2, y2, x, y);
  }
  void quad_to(double x1, double y1, double x, double y) override {
    double x0 = x1, y0 = y1;
    if (cairo_has_current_point(cr_)) cairo_get_current_point(cr_, &x0, &y0);
    cairo_curve_to(cr_, x0 + 2.0 / 3 * (x1 - x0), y0 + 2.0 / 3 * (y1 - y0), x + 2.0 / 3 * (x1 - x),
                   y + 2.0 / 3 * (y1 - y), x, y);
  }
  void arc(double cx, double cy, double r, double a0, double a1, bool ccw) override {
    if (ccw)
      cairo_arc_negative(cr_, cx, cy, r, a0, a1);
    else
      cairo_arc(cr_, cx, cy, r, a0, a1);
  }
  void rect(double x, double y, double w, double h) override { cairo_rectangle(cr_, x, y, w, h); }
  void close() override { cairo_close_path(cr_); }

 private:
  cairo_t* cr_;
};

}  // namespace cml::vega

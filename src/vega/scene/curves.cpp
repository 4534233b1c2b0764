// Formulas after d3-shape 3; each class keeps its last points as x0_, x1_, ... in order of age.
#include "vega/scene/curves.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace cml::vega {
namespace {

constexpr double kCurveEpsilon = 1e-12;
enum class Ends { Clamped, Closed, Open };

class Linear : public Curve {
 public:
  using Curve::Curve;
  void line_start() override { points_ = 0; }
  void line_end() override { finish(points_ == 1); }
  void point(double x, double y) override {
    if (points_ == 0)
      begin(x, y), points_ = 1;
    else
      sink_->line_to(x, y), points_ = 2;
  }

 private:
  int points_ = 0;
};

class LinearClosed : public Curve {
 public:
  using Curve::Curve;
  void area_start() override {}
  void area_end() override {}
  void line_start() override { any_ = false; }
  void line_end() override {
    if (any_) sink_->close();
  }
  void point(double x, double y) override {
    any_ ? sink_->line_to(x, y) : sink_->move_to(x, y);
    any_ = true;
  }

 private:
  bool any_ = false;
};

class Step : public Curve {
 public:
  Step(PathSink& sink, double t) : Curve(sink), t_(t) {}
  void line_start() override { points_ = 0; }
  void line_end() override {
    if (0 < t_ && t_ < 1 && points_ == 2) sink_->line_to(x_, y_);
    bool const area = line_ >= 0;
    finish(points_ == 1);
    if (area) t_ = 1 - t_;
  }
  void point(double x, double y) override {
    if (points_ == 0) {
      points_ = 1;
      begin(x, y);
    } else {
      points_ = 2;
      if (t_ <= 0) {
        sink_->line_to(x_, y);
        sink_->line_to(x, y);
      } else {
        double const middle = x_ * (1 - t_) + x * t_;
        sink_->line_to(middle, y_);
        sink_->line_to(middle, y);
      }
    }
    x_ = x, y_ = y;
  }

 private:
  double t_, x_ = 0, y_ = 0;
  int points_ = 0;
};

class Basis : public Curve {
 public:
  Basis(PathSink& sink, Ends ends) : Curve(sink), ends_(ends) {}
  void area_start() override {
    if (ends_ != Ends::Closed) Curve::area_start();
  }
  void area_end() override {
    if (ends_ != Ends::Closed) Curve::area_end();
  }
  void line_start() override { points_ = 0; }
  void line_end() override {
    if (ends_ == Ends::Closed) {
      if (points_ == 1) {
        sink_->move_to(x2_, y2_);
        sink_->close();
      } else if (points_ == 2) {
        sink_->move_to((x2_ + 2 * x3_) / 3, (y2_ + 2 * y3_) / 3);
        sink_->line_to((x3_ + 2 * x2_) / 3, (y3_ + 2 * y2_) / 3);
        sink_->close();
      } else if (points_ == 3) {
        point(x2_, y2_);
        point(x3_, y3_);
        point(x4_, y4_);
      }
      return;
    }
    if (ends_ == Ends::Clamped) {
      if (points_ == 3) segment(x1_, y1_);
      if (points_ >= 2) sink_->line_to(x1_, y1_);
      finish(points_ == 1);
    } else {
      finish(points_ == 3);
    }
  }
  void point(double x, double y) override {
    switch (points_) {
      case 0:
        points_ = 1;
        if (ends_ == Ends::Clamped) begin(x, y);
        x2_ = x, y2_ = y;
        break;
      case 1:
        points_ = 2;
        x3_ = x, y3_ = y;
        break;
      case 2:
        points_ = 3;
        x4_ = x, y4_ = y;
        if (ends_ == Ends::Closed)
          sink_->move_to((x0_ + 4 * x1_ + x) / 6, (y0_ + 4 * y1_ + y) / 6);
        else if (ends_ == Ends::Open)
          begin((x0_ + 4 * x1_ + x) / 6, (y0_ + 4 * y1_ + y) / 6);
        else {
          sink_->line_to((5 * x0_ + x1_) / 6, (5 * y0_ + y1_) / 6);
          segment(x, y);
        }
        break;
      default:
        if (ends_ == Ends::Open) points_ = 4;
        segment(x, y);
    }
    x0_ = x1_, x1_ = x;
    y0_ = y1_, y1_ = y;
  }

 private:
  void segment(double x, double y) {
    sink_->curve_to((2 * x0_ + x1_) / 3, (2 * y0_ + y1_) / 3, (x0_ + 2 * x1_) / 3, (y0_ + 2 * y1_) / 3,
                    (x0_ + 4 * x1_ + x) / 6, (y0_ + 4 * y1_ + y) / 6);
  }
  Ends ends_;
  int points_ = 0;
  double x0_ = 0, y0_ = 0, x1_ = 0, y1_ = 0, x2_ = 0, y2_ = 0, x3_ = 0, y3_ = 0, x4_ = 0, y4_ = 0;
};

class Bundle : public Curve {
 public:
  Bundle(PathSink& sink, double beta) : Curve(sink), basis_(sink, Ends::Clamped), beta_(beta) {}
  void area_start() override {}
  void area_end() override {}
  void line_start() override {
    x_.clear(), y_.clear();
    basis_.line_start();
  }
  void line_end() override {
    if (x_.size() > 1) {
      auto const last = x_.size() - 1;
      double const x0 = x_[0], y0 = y_[0], dx = x_[last] - x0, dy = y_[last] - y0;
      for (std::size_t i = 0; i <= last; ++i) {
        double const t = static_cast<double>(i) / static_cast<double>(last);
        basis_.point(beta_ * x_[i] + (1 - beta_) * (x0 + t * dx), beta_ * y_[i] + (1 - beta_) * (y0 + t * dy));
      }
    }
    basis_.line_end();
  }
  void point(double x, double y) override { x_.push_back(x), y_.push_back(y); }

 private:
  Basis basis_;
  double beta_;
  std::vector<double> x_, y_;
};

// Cardinal splines, and Catmull-Rom ones when alpha is above zero.
class Cardinal : public Curve {
 public:
  Cardinal(PathSink& sink, Ends ends, double tension, double alpha)
      : Curve(sink), ends_(ends), k_((1 - tension) / 6), alpha_(alpha) {}
  void area_start() override {
    if (ends_ != Ends::Closed) Curve::area_start();
  }
  void area_end() override {
    if (ends_ != Ends::Closed) Curve::area_end();
  }
  void line_start() override {
    points_ = 0;
    l01_a_ = l12_a_ = l23_a_ = l01_2a_ = l12_2a_ = l23_2a_ = 0;
  }
  void line_end() override {
    if (ends_ == Ends::Closed) {
      if (points_ == 1) {
        sink_->move_to(x3_, y3_);
        sink_->close();
      } else if (points_ == 2) {
        sink_->line_to(x3_, y3_);
        sink_->close();
      } else if (points_ == 3) {
        point(x3_, y3_);
        point(x4_, y4_);
        point(x5_, y5_);
      }
      return;
    }
    if (ends_ == Ends::Clamped) {
      if (points_ == 2)
        sink_->line_to(x2_, y2_);
      else if (points_ == 3)
        alpha_ > 0 ? point(x2_, y2_) : segment(x1_, y1_);
      finish(points_ == 1);
    } else {
      finish(points_ == 3);
    }
  }
  void point(double x, double y) override {
    if (points_ > 0 && alpha_ > 0) {
      double const dx = x2_ - x, dy = y2_ - y;
      l23_2a_ = std::pow(dx * dx + dy * dy, alpha_);
      l23_a_ = std::sqrt(l23_2a_);
    }
    switch (points_) {
      case 0:
        points_ = 1;
        if (ends_ == Ends::Clamped) begin(x, y);
        x3_ = x, y3_ = y;
        break;
      case 1:
        points_ = 2;
        if (ends_ == Ends::Closed) sink_->move_to(x, y);
        x4_ = x, y4_ = y;
        if (ends_ == Ends::Clamped && alpha_ <= 0) x1_ = x, y1_ = y;
        break;
      case 2:
        points_ = 3;
        x5_ = x, y5_ = y;
        if (ends_ == Ends::Open)
          begin(x2_, y2_);
        else if (ends_ == Ends::Clamped)
          segment(x, y);
        break;
      default:
        if (ends_ == Ends::Open) points_ = 4;
        segment(x, y);
    }
    l01_a_ = l12_a_, l12_a_ = l23_a_;
    l01_2a_ = l12_2a_, l12_2a_ = l23_2a_;
    x0_ = x1_, x1_ = x2_, x2_ = x;
    y0_ = y1_, y1_ = y2_, y2_ = y;
  }

 private:
  void segment(double x, double y) {
    if (alpha_ <= 0) {
      sink_->curve_to(x1_ + k_ * (x2_ - x0_), y1_ + k_ * (y2_ - y0_), x2_ + k_ * (x1_ - x), y2_ + k_ * (y1_ - y), x2_,
                      y2_);
      return;
    }
    double ax = x1_, ay = y1_, bx = x2_, by = y2_;
    if (l01_a_ > kCurveEpsilon) {
      double const a = 2 * l01_2a_ + 3 * l01_a_ * l12_a_ + l12_2a_, n = 3 * l01_a_ * (l01_a_ + l12_a_);
      ax = (ax * a - x0_ * l12_2a_ + x2_ * l01_2a_) / n;
      ay = (ay * a - y0_ * l12_2a_ + y2_ * l01_2a_) / n;
    }
    if (l23_a_ > kCurveEpsilon) {
      double const b = 2 * l23_2a_ + 3 * l23_a_ * l12_a_ + l12_2a_, m = 3 * l23_a_ * (l23_a_ + l12_a_);
      bx = (bx * b + x1_ * l23_2a_ - x * l12_2a_) / m;
      by = (by * b + y1_ * l23_2a_ - y * l12_2a_) / m;
    }
    sink_->curve_to(ax, ay, bx, by, x2_, y2_);
  }
  Ends ends_;
  double k_, alpha_;
  int points_ = 0;
  double x0_ = 0, y0_ = 0, x1_ = 0, y1_ = 0, x2_ = 0, y2_ = 0, x3_ = 0, y3_ = 0, x4_ = 0, y4_ = 0, x5_ = 0, y5_ = 0;
  double l01_a_ = 0, l12_a_ = 0, l23_a_ = 0, l01_2a_ = 0, l12_2a_ = 0, l23_2a_ = 0;
};

class Monotone : public Curve {
 public:
  Monotone(PathSink& sink, bool horizontal) : Curve(sink), swap_(horizontal) {}
  void line_start() override {
    points_ = 0;
    x0_ = y0_ = x1_ = y1_ = t0_ = std::nan("");
  }
  void line_end() override {
    if (points_ == 2)
      line(x1_, y1_);
    else if (points_ == 3)
      segment(t0_, slope2(t0_));
    finish(points_ == 1);
  }
  void point(double x, double y) override {
    if (swap_) std::swap(x, y);
    double t1 = std::nan("");
    if (x == x1_ && y == y1_) return;
    switch (points_) {
      case 0:
        points_ = 1;
        swap_ ? begin(y, x) : begin(x, y);
        break;
      case 1:
        points_ = 2;
        break;
      case 2:
        points_ = 3;
        t1 = slope3(x, y);
        segment(slope2(t1), t1);
        break;
      default:
        t1 = slope3(x, y);
        segment(t0_, t1);
    }
    x0_ = x1_, x1_ = x;
    y0_ = y1_, y1_ = y;
    t0_ = t1;
  }

 private:
  void line(double x, double y) { swap_ ? sink_->line_to(y, x) : sink_->line_to(x, y); }
  double slope3(double x2, double y2) const {
    double const h0 = x1_ - x0_, h1 = x2 - x1_;
    double const s0 = (y1_ - y0_) / (h0 != 0  ? h0
                                     : h1 < 0 ? -0.0
                                              : 0.0),
                 s1 = (y2 - y1_) / (h1 != 0  ? h1
                                    : h0 < 0 ? -0.0
                                             : 0.0);
    double const p = (s0 * h1 + s1 * h0) / (h0 + h1);
    double const m =
        ((s0 < 0 ? -1 : 1) + (s1 < 0 ? -1 : 1)) * std::min({std::fabs(s0), std::fabs(s1), 0.5 * std::fabs(p)});
    return std::isnan(m) || std::isnan(s0) || std::isnan(s1) || std::isnan(p) ? 0 : m;
  }
  double slope2(double t) const {
    double const h = x1_ - x0_;
    return h != 0 ? (3 * (y1_ - y0_) / h - t) / 2 : t;
  }
  void segment(double t0, double t1) {
    double const dx = (x1_ - x0_) / 3;
    double const ax = x0_ + dx, ay = y0_ + dx * t0, bx = x1_ - dx, by = y1_ - dx * t1;
    swap_ ? sink_->curve_to(ay, ax, by, bx, y1_, x1_) : sink_->curve_to(ax, ay, bx, by, x1_, y1_);
  }
  bool swap_;
  int points_ = 0;
  double x0_ = 0, y0_ = 0, x1_ = 0, y1_ = 0, t0_ = 0;
};

class Natural : public Curve {
 public:
  using Curve::Curve;
  void line_start() override { x_.clear(), y_.clear(); }
  void line_end() override {
    auto const n = x_.size();
    if (n) {
      begin(x_[0], y_[0]);
      if (n == 2) {
        sink_->line_to(x_[1], y_[1]);
      } else if (n > 2) {
        auto const [ax, bx] = controls(x_);
        auto const [ay, by] = controls(y_);
        for (std::size_t i = 0; i + 1 < n; ++i) sink_->curve_to(ax[i], ay[i], bx[i], by[i], x_[i + 1], y_[i + 1]);
      }
    }
    finish(n == 1);
  }
  void point(double x, double y) override { x_.push_back(x), y_.push_back(y); }

 private:
  // The tridiagonal system of the natural spline's control points.
  static std::pair<std::vector<double>, std::vector<double>> controls(std::vector<double> const& x) {
    auto const n = x.size() - 1;
    std::vector<double> a(n), b(n), r(n);
    a[0] = 0, b[0] = 2, r[0] = x[0] + 2 * x[1];
    for (std::size_t i = 1; i + 1 < n; ++i) a[i] = 1, b[i] = 4, r[i] = 4 * x[i] + 2 * x[i + 1];
    a[n - 1] = 2, b[n - 1] = 7, r[n - 1] = 8 * x[n - 1] + x[n];
    for (std::size_t i = 1; i < n; ++i) {
      double const m = a[i] / b[i - 1];
      b[i] -= m;
      r[i] -= m * r[i - 1];
    }
    a[n - 1] = r[n - 1] / b[n - 1];
    for (std::size_t i = n - 1; i-- > 0;) a[i] = (r[i] - a[i + 1]) / b[i];
    b[n - 1] = (x[n] + a[n - 1]) / 2;
    for (std::size_t i = 0; i + 1 < n; ++i) b[i] = 2 * x[i + 1] - a[i + 1];
    return {a, b};
  }
  std::vector<double> x_, y_;
};

}  // namespace

std::unique_ptr<Curve> make_curve(std::string_view name, bool horizontal, double tension, PathSink& sink) {
  auto const or_default = [tension](double value) { return std::isnan(tension) ? value : tension; };
  auto const ends = name.ends_with("-closed") ? Ends::Closed : name.ends_with("-open") ? Ends::Open : Ends::Clamped;
  if (name == "linear") return std::make_unique<Linear>(sink);
  if (name == "linear-closed") return std::make_unique<LinearClosed>(sink);
  if (name == "step") return std::make_unique<Step>(sink, 0.5);
  if (name == "step-before") return std::make_unique<Step>(sink, 0);
  if (name == "step-after") return std::make_unique<Step>(sink, 1);
  if (name == "basis" || name == "basis-closed" || name == "basis-open") return std::make_unique<Basis>(sink, ends);
  if (name == "bundle") return std::make_unique<Bundle>(sink, or_default(0.85));
  if (name == "cardinal" || name == "cardinal-closed" || name == "cardinal-open")
    return std::make_unique<Cardinal>(sink, ends, or_default(0), 0);
  if (name == "catmull-rom" || name == "catmull-rom-closed" || name == "catmull-rom-open")
    return std::make_unique<Cardinal>(sink, ends, 0, or_default(0.5));
  if (name == "monotone") return std::make_unique<Monotone>(sink, horizontal);
  if (name == "natural") return std::make_unique<Natural>(sink);
  return nullptr;
}

}  // namespace cml::vega

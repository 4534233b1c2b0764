// Each edge adds, in every row that it crosses, the change of coverage from the pixel it is in to those right of it; a
// running sum along the row is the coverage (the accumulation buffer of exact-area rasterisers such as FreeType's and
// font-rs).
#include "vega/render/fill.hpp"

#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"

#include <cstring>
#include <limits>

namespace cml::vega {
namespace {

constexpr double kTolerance = 0.05;  // How far a flattened curve may be from the true one, in pixels.
constexpr double kLargestArea =
    1 << 17;  // Pixels of the outline's box; beyond, sweeping empty inside costs more than it spares.

// Into how many pieces a curve is cut whose control points bend by the root of `bend_squared`: the error falls with the
// number squared. Letters need one to three, found without roots.
int pieces_of(double bend_squared, double per_piece) {
  double const unit = per_piece * per_piece;
  for (int n = 1; n <= 4; ++n)
    if (bend_squared <= unit * (n * n * n * n)) return n;
  return whole(std::ceil(std::sqrt(std::sqrt(bend_squared) / per_piece)), 1, 200);
}
double squared(double x, double y) { return x * x + y * y; }

}  // namespace

void FillSink::start(Affine const& to_device) {
  m_ = to_device;
  edges_.clear();
  open_ = false;
}

void FillSink::edge_to(Point to) {
  edges_.push_back({at_, to});
  at_ = to;
}

void FillSink::move_to(double x, double y) {
  close();
  at_ = first_ = device(x, y);
  open_ = true;
}
void FillSink::line_to(double x, double y) {
  if (!open_) return move_to(x, y);
  edge_to(device(x, y));
}
void FillSink::quad_to(double x1, double y1, double x, double y) {
  if (!open_) move_to(x1, y1);
  Point const a = at_, b = device(x1, y1), c = device(x, y);
  // A parabola cut into n is at most |a - 2b + c| / 4n^2 from its chords.
  int const n = pieces_of(squared(a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y), 4 * kTolerance);
  for (int i = 1; i < n; ++i) {
    double const t = static_cast<double>(i) / n, s = 1 - t;
    edge_to({s * s * a.x + 2 * s * t * b.x + t * t * c.x, s * s * a.y + 2 * s * t * b.y + t * t * c.y});
  }
  edge_to(c);
}
void FillSink::curve_to(double x1, double y1, double x2, double y2, double x, double y) {
  if (!open_) move_to(x1, y1);
  Point const a = at_, b = device(x1, y1), c = device(x2, y2), d = device(x, y);
  // The second derivative is at most 6 max(|a - 2b + c|, |b - 2c + d|), and a chord's distance an eighth of it over
  // n^2.
  double const bend =
      std::max(squared(a.x - 2 * b.x + c.x, a.y - 2 * b.y + c.y), squared(b.x - 2 * c.x + d.x, b.y - 2 * c.y + d.y));
  int const n = pieces_of(bend, kTolerance / 0.75);
  for (int i = 1; i < n; ++i) {
    double const t = static_cast<double>(i) / n, s = 1 - t, u = s * s * s, v = 3 * s * s * t, w = 3 * s * t * t,
                 z = t * t * t;
    edge_to({u * a.x + v * b.x + w * c.x + z * d.x, u * a.y + v * b.y + w * c.y + z * d.y});
  }
  edge_to(d);
}
void FillSink::arc(double cx, double cy, double r, double a0, double a1, bool counter_clockwise) {
  constexpr double kTurn = 2 * kPi;
  // As canvas: the end is brought to the right side of the start; more than a turn is one.
  double sweep = counter_clockwise ? a0 - a1 : a1 - a0;
  if (sweep < 0) sweep += std::ceil(-sweep / kTurn) * kTurn;
  sweep = std::min(sweep, kTurn) * (counter_clockwise ? -1 : 1);
  auto const on_circle = [&](double angle) { return Point{cx + r * std::cos(angle), cy + r * std::sin(angle)}; };
  auto const begin = on_circle(a0);
  line_to(begin.x, begin.y);
  double const pixels = std::fabs(r) * std::sqrt(std::fabs(m_.xx * m_.yy - m_.xy * m_.yx));
  // The height of a chord's segment is r (1 - cos(step / 2)).
  double const step = pixels > kTolerance ? 2 * std::acos(1 - kTolerance / pixels) : kPi;
  int const n = whole(std::ceil(std::fabs(sweep) / step), 1, 2000);
  for (int i = 1; i <= n; ++i) {
    auto const p = on_circle(a0 + sweep * i / n);
    edge_to(device(p.x, p.y));
  }
}
void FillSink::rect(double x, double y, double width, double height) {
  move_to(x, y);
  edge_to(device(x + width, y));
  edge_to(device(x + width, y + height));
  edge_to(device(x, y + height));
  close();
  open_ = true;
}
void FillSink::close() {
  if (open_ && (at_.x != first_.x || at_.y != first_.y)) edge_to(first_);
}

// Adds one edge to the area buffer, whose pixel (0, 0) is at (left, top). Beyond the left side an edge still counts for
// all pixels of its rows, beyond the right one for none.
void FillSink::cover(Edge edge, double left, double top, std::size_t stride, double right, double bottom) {
  double x0 = edge.from.x - left, y0 = edge.from.y - top, x1 = edge.to.x - left, y1 = edge.to.y - top;
  if (y0 == y1) return;
  double direction = 1;
  if (y0 > y1) std::swap(x0, x1), std::swap(y0, y1), direction = -1;
  double const slope = (x1 - x0) / (y1 - y0), width = right - left, height = bottom - top;
  if (y1 <= 0 || y0 >= height) return;
  if (y0 < 0) x0 -= slope * y0, y0 = 0;
  if (y1 > height) y1 = height;
  double x = x0;
  for (int row = static_cast<int>(y0); row < y1; ++row) {
    double const part = std::min<double>(row + 1, y1) - std::max<double>(row, y0), next = x + slope * part,
                 d = part * direction;
    double const a = std::clamp(std::min(x, next), 0.0, width), b = std::clamp(std::max(x, next), 0.0, width);
    int const first = static_cast<int>(a), whole = static_cast<int>(b), last = whole + (whole < b);
    auto* cell = area_.data() + static_cast<std::size_t>(row) * stride + static_cast<std::size_t>(first);
    if (last <= first + 1) {  // Within one column: the part right of the edge's middle is covered.
      double const covered = 1 - ((a + b) / 2 - first);
      cell[0] += static_cast<float>(d * covered);
      cell[1] += static_cast<float>(d * (1 - covered));
    } else {
      // Over several: a triangle in the first, trapezoids, and what a triangle leaves in the last.
      double const per = d / (b - a), head = first + 1 - a, tail = b - (last - 1);
      double before = per * head * head / 2;
      *cell++ += static_cast<float>(before);
      double sum = before;
      for (int column = first + 1; column < last - 1; ++column) {
        double const here = per * (column + 0.5 - a);  // Coverage of this column so far.
        *cell++ += static_cast<float>(here - before);
        sum += here - before;
        before = here;
      }
      double const here = d - per * tail * tail / 2;
      *cell++ += static_cast<float>(here - before);
      sum += here - before;
      *cell += static_cast<float>(d - sum);
    }
    x = next;
  }
}

// Sums the edges over the pixels of the outline within `box`, to which `box` is cut.
bool FillSink::accumulate(Box& box) {
  close();
  open_ = false;
  double const infinity = std::numeric_limits<double>::infinity();
  double x0 = infinity, y0 = infinity, x1 = -infinity, y1 = -infinity;
  bool finite = true;
  for (auto const& edge : edges_) {
    for (double v : {edge.to.x, edge.to.y, edge.from.x, edge.from.y}) finite = finite && std::fabs(v) < kFarthest;
    x0 = std::min({x0, edge.from.x, edge.to.x}), x1 = std::max({x1, edge.from.x, edge.to.x});
    y0 = std::min({y0, edge.from.y, edge.to.y}), y1 = std::max({y1, edge.from.y, edge.to.y});
  }
  if (!finite) return false;
  box = {std::max(box.left, std::floor(x0)), std::max(box.top, std::floor(y0)), std::min(box.right, std::ceil(x1)),
         std::min(box.bottom, std::ceil(y1))};
  if (box.empty()) return true;
  double const area = (box.right - box.left) * (box.bottom - box.top);
  if (area > kLargestArea) return false;
  budget::steps(100 + 30 * static_cast<double>(edges_.size()) + area / 2);
  auto const stride = static_cast<std::size_t>(box.right - box.left) + 2,
             rows = static_cast<std::size_t>(box.bottom - box.top);
  area_.assign(rows * stride, 0);
  for (auto const& edge : edges_) cover(edge, box.left, box.top, stride, box.right, box.bottom);
  return true;
}

// The first place from `at` on where an edge passes.
inline std::size_t next_edge(float const* area, std::size_t at, std::size_t end) {
  for (std::uint64_t two; at + 2 <= end; at += 2) {
    std::memcpy(&two, area + at, 8);
    if (two != 0) break;
  }
  while (at < end && area[at] == 0) ++at;
  return at;
}

// Calls each(row, first column, column after the last, mask) with every run of pixels that are covered alike.
template <class Each>
void FillSink::sweep(Box const& box, Each each) const {
  auto const columns = static_cast<std::size_t>(box.right - box.left),
             rows = static_cast<std::size_t>(box.bottom - box.top), stride = columns + 2;
  for (std::size_t r = 0; r < rows; ++r) {
    float const* const area = area_.data() + r * stride;
    float sum = 0;
    for (std::size_t c = next_edge(area, 0, columns); c < columns;) {
      sum += area[c];
      float const nearest = std::min(std::fabs(sum), 1.0f) * 255 + 0.5f;  // Never below a half: cutting rounds it.
      auto const mask = static_cast<std::uint32_t>(nearest);
      auto const next = next_edge(area, c + 1, columns);
      if (mask != 0) each(r, c, next, mask);
      c = next;
    }
  }
}

bool FillSink::paint(Pixels const& pixels, SolidColor const& color) {
  Box box{static_cast<double>(pixels.left), static_cast<double>(pixels.top), static_cast<double>(pixels.right),
          static_cast<double>(pixels.bottom)};
  if (!accumulate(box)) return false;
  if (box.empty()) return true;
  Brush const brush(color);
  auto const top = static_cast<int>(box.top);
  auto const left = static_cast<std::size_t>(box.left);
  sweep(box, [&](std::size_t row, std::size_t first, std::size_t last, std::uint32_t mask) {
    auto* const line = pixels.row(top + static_cast<int>(row)) + left;
    brush.paint(line + first, line + last, mask);
  });
  return true;
}

bool FillSink::mask(Mask& out) {
  Box box{-kFarthest, -kFarthest, kFarthest, kFarthest};
  if (!accumulate(box)) return false;
  out = {};
  if (box.empty()) return true;
  out.left = static_cast<int>(box.left), out.top = static_cast<int>(box.top);
  out.width = static_cast<int>(box.right - box.left), out.height = static_cast<int>(box.bottom - box.top);
  auto const columns = static_cast<std::size_t>(out.width);
  out.coverage.assign(columns * static_cast<std::size_t>(out.height), 0);
  sweep(box, [&](std::size_t row, std::size_t first, std::size_t last, std::uint32_t mask) {
    auto* const line = out.coverage.data() + row * columns;
    std::fill(line + first, line + last, static_cast<std::uint8_t>(mask));
  });
  return true;
}

void paint_mask(Pixels const& pixels, Mask const& mask, int x, int y, Brush const& brush) {
  int const left = mask.left + x, top = mask.top + y;
  int const first = std::max(pixels.left - left, 0), last = std::min(mask.width, pixels.right - left);
  for (int row = std::max(pixels.top - top, 0), end = std::min(mask.height, pixels.bottom - top); row < end; ++row) {
    auto const* const coverage = mask.coverage.data() + static_cast<std::ptrdiff_t>(row) * mask.width;
    auto* const line = pixels.row(top + row) + left;
    for (int column = first; column < last; ++column)
      if (coverage[column] != 0) brush.paint(line[column], coverage[column]);
  }
}

}  // namespace cml::vega

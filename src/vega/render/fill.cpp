// Each edge adds, in every row that it crosses, the change of coverage from the pixel it is in to those right of it; a
// running sum along the row is the coverage (the accumulation buffer of exact-area rasterisers such as FreeType's and
// font-rs).
#include "vega/render/fill.hpp"

#include "vega/value/budget.hpp"

#include <cstring>
#include <limits>

namespace cml::vega {
namespace {

constexpr double kLargestArea =
    1 << 17;  // Pixels of the outline's box; beyond, sweeping empty inside costs more than it spares.

}  // namespace

void FillSink::start(Affine const& to_device) {
  restart(to_device);
  edges_.clear();
}

void FillSink::close() {
  if (open_ && (at_.x != first_.x || at_.y != first_.y)) edge_to(first_, false);
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

// Formulas follow vega-geo's contours.js and quantize.js, which follow d3-contour.
#include "vega/transform/contour.hpp"

#include <array>
#include <cmath>
#include <memory>
#include <deque>
#include <unordered_map>

#include "vega/value/budget.hpp"
#include "vega/value/number_format.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

struct Spot {
  double x, y;
};
using Ring = std::deque<Spot>;
struct Piece {
  Spot from, to;
};
// The pieces of line in a cell of four corners: bit 0 is the lower left one's, then against the clock.
struct Cell {
  int count;
  std::array<Piece, 2> pieces;
};
constexpr Spot kTop{1, 0.5}, kLeft{0.5, 1}, kBottom{1, 1.5}, kRight{1.5, 1};
constexpr Cell kCells[16] = {{0, {}},
                             {1, {{{kBottom, kLeft}}}},
                             {1, {{{kRight, kBottom}}}},
                             {1, {{{kRight, kLeft}}}},
                             {1, {{{kTop, kRight}}}},
                             {2, {{{kBottom, kLeft}, {kTop, kRight}}}},
                             {1, {{{kTop, kBottom}}}},
                             {1, {{{kTop, kLeft}}}},
                             {1, {{{kLeft, kTop}}}},
                             {1, {{{kBottom, kTop}}}},
                             {2, {{{kLeft, kTop}, {kRight, kBottom}}}},
                             {1, {{{kRight, kTop}}}},
                             {1, {{{kLeft, kRight}}}},
                             {1, {{{kBottom, kRight}}}},
                             {1, {{{kLeft, kBottom}}}},
                             {0, {}}};

// Joins the pieces to rings as they come.
class Stitcher {
 public:
  explicit Stitcher(double width) : row_((width + 1) * 4) {}

  template <class Close>
  void add(Piece const& piece, double x, double y, Close close) {
    budget::steps(60);
    Spot const start{piece.from.x + x, piece.from.y + y}, end{piece.to.x + x, piece.to.y + y};
    auto const from = index(start), to = index(end);
    if (auto const before = by_end_.find(from); before != by_end_.end()) {
      auto const at = before->second;
      by_end_.erase(before);
      if (auto const after = by_start_.find(to); after != by_start_.end())
        join(at, after->second, end, close);
      else
        at->ring.push_back(end), by_end_[at->end = to] = at;
    } else if (auto const after = by_start_.find(to); after != by_start_.end()) {
      auto const at = after->second;
      by_start_.erase(after);
      at->ring.push_front(start);
      by_start_[at->start = from] = at;
    } else {
      auto const made = std::make_shared<Fragment>(Fragment{from, to, {start, end}});
      by_start_[from] = by_end_[to] = made;
    }
  }

 private:
  struct Fragment {
    long long start, end;
    Ring ring;
  };
  using Held = std::shared_ptr<Fragment>;

  template <class Close>
  void join(Held first, Held second, Spot end, Close close) {
    by_start_.erase(second->start);
    if (first == second) {
      first->ring.push_back(end);
      close(std::vector<Spot>(first->ring.begin(), first->ring.end()));
      return;
    }
    budget::steps(second->ring.size());
    first->ring.insert(first->ring.end(), second->ring.begin(), second->ring.end());
    first->end = second->end;
    by_end_[first->end] = first;
  }
  long long index(Spot const& spot) const { return static_cast<long long>(spot.x * 2 + spot.y * row_); }

  double row_;
  std::unordered_map<long long, Held> by_start_, by_end_;
};

double area_of(std::vector<Spot> const& ring) {
  double area = 0;
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++)
    area += ring[j].y * ring[i].x - ring[j].x * ring[i].y;
  return area;
}
bool between(double p, double q, double r) { return (p <= q && q <= r) || (r <= q && q <= p); }
bool on_segment(Spot const& a, Spot const& b, Spot const& c) {
  if ((b.x - a.x) * (c.y - a.y) != (c.x - a.x) * (b.y - a.y)) return false;
  return a.x == b.x ? between(a.y, c.y, b.y) : between(a.x, c.x, b.x);
}
// 1 within, -1 without, 0 on the line.
int place_in(std::vector<Spot> const& ring, Spot const& p) {
  int within = -1;
  for (std::size_t i = 0, j = ring.size() - 1; i < ring.size(); j = i++) {
    Spot const &a = ring[i], &b = ring[j];
    if (on_segment(a, b, p)) return 0;
    if ((a.y > p.y) != (b.y > p.y) && p.x < (b.x - a.x) * (p.y - a.y) / (b.y - a.y) + a.x) within = -within;
  }
  return within;
}
bool holds(std::vector<Spot> const& ring, std::vector<Spot> const& hole) {
  for (Spot const& spot : hole) {
    budget::steps(4 * ring.size());
    if (int const place = place_in(ring, spot)) return place > 0;
  }
  return true;  // All of it on the line.
}

class Contours {
 public:
  Contours(Raster const& raster, bool smooth)
      : values_(raster.values),
        width_(static_cast<long>(raster.width)),
        height_(static_cast<long>(raster.height)),
        smooth_(smooth) {}

  Value at(double threshold) const {
    std::vector<std::vector<std::vector<Spot>>> polygons;
    std::vector<std::vector<Spot>> holes;
    each_ring(threshold, [&](std::vector<Spot> ring) {
      if (smooth_) smooth(ring, threshold);
      if (area_of(ring) > 0)
        polygons.push_back({std::move(ring)});
      else
        holes.push_back(std::move(ring));
    });
    for (auto& hole : holes)
      for (auto& polygon : polygons)
        if (holds(polygon[0], hole)) {
          polygon.push_back(std::move(hole));
          break;
        }
    Array coordinates;
    for (auto const& polygon : polygons) {
      Array rings;
      for (auto const& ring : polygon) {
        Array spots;
        budget::bytes(100.0 * static_cast<double>(ring.size()));
        for (Spot const& spot : ring) spots.push_back(Value::array({spot.x, spot.y}));
        rings.push_back(Value(std::move(spots)));
      }
      coordinates.push_back(Value(std::move(rings)));
    }
    return Value::object(
        {{"type", "MultiPolygon"}, {"value", threshold}, {"coordinates", Value(std::move(coordinates))}});
  }

 private:
  double value(long x, long y) const {
    auto const at = y * width_ + x;
    return at >= 0 && at < static_cast<long>(values_.size()) ? values_[static_cast<std::size_t>(at)] : kNaN;
  }

  // The grid is walked with a row and a column of nothing around it.
  template <class Each>
  void each_ring(double threshold, Each each) const {
    budget::steps(4.0 * static_cast<double>(width_ + 1) * static_cast<double>(height_ + 1));
    Stitcher stitcher(static_cast<double>(width_));
    auto const reaches = [&](long x, long y) {
      return x >= 0 && x < width_ && y >= 0 && y < height_ && value(x, y) >= threshold ? 1 : 0;
    };
    for (long y = -1; y < height_; ++y) {
      int right_below = 0, right_above = 0;
      for (long x = -1; x < width_; ++x) {
        int const left_below = right_below, left_above = right_above;
        right_below = reaches(x + 1, y + 1), right_above = reaches(x + 1, y);
        Cell const& cell = kCells[left_below | right_below << 1 | right_above << 2 | left_above << 3];
        for (int i = 0; i < cell.count; ++i)
          stitcher.add(cell.pieces[static_cast<std::size_t>(i)], static_cast<double>(x), static_cast<double>(y), each);
      }
    }
  }

  void smooth(std::vector<Spot>& ring, double threshold) const {
    for (Spot& spot : ring) {
      double const x = spot.x, y = spot.y, xt = std::trunc(x), yt = std::trunc(y);
      double const here = value(static_cast<long>(xt), static_cast<long>(yt));
      if (x > 0 && x < static_cast<double>(width_) && xt == x) {
        double const before = value(static_cast<long>(xt) - 1, static_cast<long>(yt));
        spot.x = x + (threshold - before) / (here - before) - 0.5;
      }
      if (y > 0 && y < static_cast<double>(height_) && yt == y) {
        double const before = value(static_cast<long>(xt), static_cast<long>(yt) - 1);
        spot.y = y + (threshold - before) / (here - before) - 0.5;
      }
    }
  }

  std::vector<double> const& values_;
  long width_, height_;
  bool smooth_;
};

}  // namespace

std::vector<Value> contours_of(Raster const& raster, std::vector<double> const& thresholds, bool smooth) {
  Contours const contours(raster, smooth);
  std::vector<Value> out;
  for (double const threshold : thresholds) out.push_back(contours.at(threshold));
  return out;
}

std::vector<double> levels_between(std::vector<double> const& values, double count, bool nice, bool zero) {
  double low = kNaN, high = kNaN;
  for (double const v : values) {
    if (std::isnan(v)) continue;
    low = std::isnan(low) ? v : std::min(low, v);
    high = std::isnan(high) ? v : std::max(high, v);
  }
  if (zero) low = std::min(low, 0.0);
  double const step = nice ? decimal::tick_step(low, high, count) : (high - low) / (count + 1);
  double const number = std::ceil((high - (low + step)) / step);
  std::vector<double> out;
  if (!(number > 0) || !std::isfinite(number)) return out;
  budget::steps(number);
  budget::bytes(8 * number);
  for (double i = 0; i < number; ++i) out.push_back(low + step + i * step);
  return out;
}

}  // namespace cml::vega

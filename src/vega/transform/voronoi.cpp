// voronoi: the region nearest to each row's point, cut to a rectangle, as an SVG path. A cell is the rectangle cut by
// the bisectors with its neighbours, nearest first; it is done when no farther point can reach it. That needs no
// triangulation, and points on one line or circle are no special case.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <queue>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/transform/statistics.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

struct Clip {
  double x0, y0, x1, y1;
};

// A k-d tree over points, asked for neighbours in order of distance.
class NearestFirst {
 public:
  explicit NearestFirst(std::vector<Point> const& points, std::vector<std::uint32_t> rows)
      : points_(points), rows_(std::move(rows)) {
    if (!rows_.empty()) build(0, rows_.size());
  }
  // Calls visit(row, squared distance) nearest first until it answers false.
  template <class Visit>
  void visit(Point const& from, Visit visit) const {
    struct Entry {
      double distance;
      std::int64_t node;  // Or -1: a point.
      std::uint32_t row;
      bool operator<(Entry const& other) const { return distance > other.distance; }
    };
    std::priority_queue<Entry> queue;
    if (!nodes_.empty()) queue.push({0, 0, 0});
    while (!queue.empty()) {
      auto const entry = queue.top();
      queue.pop();
      if (entry.node < 0) {
        if (!visit(entry.row, entry.distance)) return;
        continue;
      }
      auto const& node = nodes_[static_cast<std::size_t>(entry.node)];
      if (node.left < 0) {
        for (auto i = node.begin; i < node.end; ++i) {
          auto const& p = points_[rows_[i]];
          double const dx = p.first - from.first, dy = p.second - from.second;
          queue.push({dx * dx + dy * dy, -1, rows_[i]});
        }
        continue;
      }
      for (auto const child : {node.left, node.right}) {
        auto const& box = nodes_[static_cast<std::size_t>(child)].box;
        double const dx = std::fmax(0, std::fmax(box.x0 - from.first, from.first - box.x1));
        double const dy = std::fmax(0, std::fmax(box.y0 - from.second, from.second - box.y1));
        queue.push({dx * dx + dy * dy, child, 0});
      }
    }
  }

 private:
  struct Node {
    Clip box;
    std::int64_t left = -1, right = -1;
    std::size_t begin = 0, end = 0;
  };
  std::int64_t build(std::size_t begin, std::size_t end) {
    auto const at = static_cast<std::int64_t>(nodes_.size());
    nodes_.emplace_back();
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    Clip box{kInfinity, kInfinity, -kInfinity, -kInfinity};
    for (auto i = begin; i < end; ++i) {
      auto const& p = points_[rows_[i]];
      box = {std::fmin(box.x0, p.first), std::fmin(box.y0, p.second), std::fmax(box.x1, p.first),
             std::fmax(box.y1, p.second)};
    }
    Node node{box, -1, -1, begin, end};
    if (end - begin > 8) {
      auto const middle = begin + (end - begin) / 2;
      bool const by_x = box.x1 - box.x0 > box.y1 - box.y0;
      std::nth_element(rows_.begin() + static_cast<std::ptrdiff_t>(begin),
                       rows_.begin() + static_cast<std::ptrdiff_t>(middle),
                       rows_.begin() + static_cast<std::ptrdiff_t>(end), [&](std::uint32_t a, std::uint32_t b) {
                         return by_x ? points_[a].first < points_[b].first : points_[a].second < points_[b].second;
                       });
      node.left = build(begin, middle);
      node.right = build(middle, end);
    }
    nodes_[static_cast<std::size_t>(at)] = node;
    return at;
  }
  std::vector<Point> const& points_;
  std::vector<std::uint32_t> rows_;
  std::vector<Node> nodes_;
};

// The squared distance of the farthest corner.
double farthest(std::vector<Point> const& polygon, Point const& site) {
  double reach = 0;
  for (auto const& corner : polygon) {
    double const dx = corner.first - site.first, dy = corner.second - site.second;
    reach = std::max(reach, dx * dx + dy * dy);
  }
  return reach;
}

// Keeps the part of a convex polygon that is nearer to `site` than to `other` (Sutherland and Hodgman). Answers whether
// that is not all of it.
bool cut(std::vector<Point>& polygon, Point const& site, Point const& other, std::vector<Point>& scratch) {
  double const dx = other.first - site.first, dy = other.second - site.second;
  double const mx = (site.first + other.first) / 2, my = (site.second + other.second) / 2;
  auto const side = [&](Point const& p) { return (p.first - mx) * dx + (p.second - my) * dy; };
  if (std::all_of(polygon.begin(), polygon.end(), [&](Point const& p) { return side(p) <= 0; })) return false;
  scratch.clear();
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    auto const &a = polygon[i], &b = polygon[(i + 1) % polygon.size()];
    double const sa = side(a), sb = side(b);
    if (sa <= 0) scratch.push_back(a);
    if ((sa < 0 && sb > 0) || (sa > 0 && sb < 0)) {
      double const t = sa / (sa - sb);
      scratch.emplace_back(a.first + t * (b.first - a.first), a.second + t * (b.second - a.second));
    }
  }
  polygon.swap(scratch);
  return true;
}

TableRef apply_voronoi(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const fx = p.required_field("x"), fy = p.required_field("y");
  auto const as = p.string("as", "path");
  Clip box{-1e5, -1e5, 1e5, 1e5};
  if (auto const size = p.numbers("size", 2)) {
    box = {0, 0, (*size)[0], (*size)[1]};
  } else if (auto const extent = p.list("extent")) {
    if (extent->size() < 2) fail(p.path("extent"), "two corners were expected");
    auto const number = [&](std::size_t i, double k) { return property_of((*extent)[i], k).to_number(); };
    box = {number(0, 0), number(0, 1), number(1, 0), number(1, 1)};
  }
  if (!(box.x1 > box.x0 && box.y1 > box.y0)) fail(context.path, "the extent of a voronoi diagram must not be empty");

  auto const xs = fx.of(*input, context.scope), ys = fy.of(*input, context.scope);
  std::vector<Point> points;
  std::vector<std::uint32_t> rows;
  for (std::size_t row = 0; row < input->size(); ++row) {
    points.emplace_back(xs.number(row), ys.number(row));
    if (std::isfinite(points.back().first) && std::isfinite(points.back().second))
      rows.push_back(static_cast<std::uint32_t>(row));
  }
  // Of points in one place only the first has a cell.
  std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return points[a] < points[b]; });
  rows.erase(std::unique(rows.begin(), rows.end(), [&](auto a, auto b) { return points[a] == points[b]; }), rows.end());
  NearestFirst const neighbours(points, rows);

  std::vector<Value> paths(input->size(), Value(nullptr));
  std::vector<Point> polygon, scratch;
  for (auto row : rows) {
    auto const& site = points[row];
    polygon = {{box.x0, box.y0}, {box.x1, box.y0}, {box.x1, box.y1}, {box.x0, box.y1}};
    double reach = farthest(polygon, site);
    neighbours.visit(site, [&](std::uint32_t other, double distance) {
      budget::steps(60 + 20 * polygon.size());
      if (other == row) return true;
      // A bisector farther away than every corner cannot cut.
      if (polygon.empty() || distance > 4 * reach) return false;
      if (cut(polygon, site, points[other], scratch)) reach = farthest(polygon, site);
      return true;
    });
    std::string path;
    for (auto const& [x, y] : polygon)
      path += (path.empty() ? "M" : "L") + number_to_string(x + 0.0) + "," + number_to_string(y + 0.0);
    if (polygon.size() > 2) paths[row] = Value(path + "Z");
  }
  return input->with_column(as, Column::of_values(std::move(paths)));
}

constexpr std::string_view kVoronoiParameters[] = {"x", "y", "size", "extent"};

}  // namespace

TransformType const kVoronoi{"voronoi", kVoronoiParameters, apply_voronoi};

}  // namespace cml::vega

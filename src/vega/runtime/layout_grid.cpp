// Grids of views with headers, footers and titles, after vega-view-transforms' layout/grid.
#include <cmath>

#include "vega/runtime/layout.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr std::size_t kMostColumns = 1'000'000;

double overhang(double v) { return v < 0 ? std::ceil(-v) : 0; }

void place(Cell const& cell, double x, double y) {
  cell.mark->set(Ch::X, cell.item, x);
  cell.mark->set(Ch::Y, cell.item, y);
}

// Writes the positions of many items of one mark in one go.
void place_all(std::vector<Cell> const& cells, std::vector<double> const& x, std::vector<double> const& y) {
  for (std::size_t i = 0; i < cells.size();) {
    Mark* const mark = cells[i].mark;
    std::size_t n = i;
    while (n < cells.size() && cells[n].mark == mark && cells[n].item == n - i) ++n;
    if (n - i == mark->count && n - i > 1) {
      mark->channels[static_cast<std::size_t>(Ch::X)] =
          Channel(Column::of_numbers({x.begin() + static_cast<long>(i), x.begin() + static_cast<long>(n)}));
      mark->channels[static_cast<std::size_t>(Ch::Y)] =
          Channel(Column::of_numbers({y.begin() + static_cast<long>(i), y.begin() + static_cast<long>(n)}));
      i = n;
    } else {
      place(cells[i], x[i], y[i]);
      ++i;
    }
  }
}

}  // namespace

Bounds grid_layout(std::vector<Cell> const& cells, GridOptions const& options) {
  std::size_t const n = cells.size();
  Bounds total;
  total.set(0, 0, 0, 0);
  if (n == 0) return Bounds();
  auto const columns = options.columns >= 1 ? whole<std::size_t>(options.columns, 1, kMostColumns) : n;
  auto const rows = (n + columns - 1) / columns;
  budget::steps(20 * (n + columns));
  std::vector<Bounds> boxes(n);
  std::vector<double> x0(n), y0(n), dx(n, 0), dy(n, 0), x_offset(n), y_offset(n), x_extent(columns, 0),
      y_extent(rows, 0);
  double x_max = 0, y_max = 0;
  for (std::size_t i = 0; i < n; ++i) {
    auto const& cell = cells[i];
    x0[i] = cell.x(), y0[i] = cell.y();
    Bounds& b = boxes[i];
    if (options.flush) {
      b.set(0, 0, cell.width(), cell.height());
    } else {
      b = cell.bounds();
      b.empty() ? b.set(0, 0, 0, 0) : b.translate(-x0[i], -y0[i]);
    }
    double const px = std::ceil(b.x2), py = std::ceil(b.y2);
    x_max = std::max(x_max, px);
    y_max = std::max(y_max, py);
    x_extent[i % columns] = std::max(x_extent[i % columns], px);
    y_extent[i / columns] = std::max(y_extent[i / columns], py);
    x_offset[i] = i % columns ? options.pad_column + overhang(b.x1) : 0;
    y_offset[i] = i >= columns ? options.pad_row + overhang(b.y1) : 0;
  }
  bool const column_each = options.align_column == "each", column_all = options.align_column == "all";
  bool const row_each = options.align_row == "each", row_all = options.align_row == "all";
  if (column_each) {
    for (std::size_t c = 1; c < columns; ++c) {
      double offset = 0;
      for (std::size_t i = c; i < n; i += columns) offset = std::max(offset, x_offset[i]);
      for (std::size_t i = c; i < n; i += columns) x_offset[i] = offset + x_extent[c - 1];
    }
  } else if (column_all) {
    double offset = 0;
    for (std::size_t i = 0; i < n; ++i)
      if (i % columns) offset = std::max(offset, x_offset[i]);
    for (std::size_t i = 0; i < n; ++i)
      if (i % columns) x_offset[i] = offset + x_max;
  } else {
    for (std::size_t i = 0; i < n; ++i)
      if (i % columns) x_offset[i] += x_extent[i % columns - 1];
  }
  if (row_each) {
    for (std::size_t r = 1; r < rows; ++r) {
      double offset = 0;
      for (std::size_t i = r * columns; i < std::min(n, (r + 1) * columns); ++i) offset = std::max(offset, y_offset[i]);
      for (std::size_t i = r * columns; i < std::min(n, (r + 1) * columns); ++i) y_offset[i] = offset + y_extent[r - 1];
    }
  } else if (row_all) {
    double offset = 0;
    for (std::size_t i = columns; i < n; ++i) offset = std::max(offset, y_offset[i]);
    for (std::size_t i = columns; i < n; ++i) y_offset[i] = offset + y_max;
  } else {
    for (std::size_t i = columns; i < n; ++i) y_offset[i] += y_extent[i / columns - 1];
  }
  double x = 0;
  for (std::size_t i = 0; i < n; ++i) {
    x = x_offset[i] + (i % columns ? x : 0);
    dx[i] += x - x0[i];
  }
  for (std::size_t c = 0; c < columns; ++c) {
    double y = 0;
    for (std::size_t i = c; i < n; i += columns) {
      y += y_offset[i];
      dy[i] += y - y0[i];
    }
  }
  if ((column_each || column_all) && options.center_column && rows > 1)
    for (std::size_t i = 0; i < n; ++i) {
      double const free = (column_all ? x_max : x_extent[i % columns]) - boxes[i].x2 - x0[i] - dx[i];
      if (free > 0) dx[i] += free / 2;
    }
  if ((row_each || row_all) && options.center_row && columns != 1)
    for (std::size_t i = 0; i < n; ++i) {
      double const free = (row_all ? y_max : y_extent[i / columns]) - boxes[i].y2 - y0[i] - dy[i];
      if (free > 0) dy[i] += free / 2;
    }
  for (std::size_t i = 0; i < n; ++i) total.join(boxes[i].translate(dx[i], dy[i]));
  double ax = options.anchor_x, ay = options.anchor_y;
  if (options.anchor_column == "end")
    ax -= total.width();
  else if (options.anchor_column == "middle")
    ax -= total.width() / 2;
  if (options.anchor_row == "end")
    ay -= total.height();
  else if (options.anchor_row == "middle")
    ay -= total.height() / 2;
  ax = round_half_up(ax), ay = round_half_up(ay);
  total.clear();
  for (auto const& cell : cells) cell.mark->bounds.clear();
  std::vector<double> xs(n), ys(n);
  for (std::size_t i = 0; i < n; ++i) {
    xs[i] = x0[i] + (dx[i] += ax);
    ys[i] = y0[i] + (dy[i] += ay);
    cells[i].bounds().translate(dx[i], dy[i]);
    cells[i].mark->bounds.join(cells[i].bounds());
    total.join(cells[i].mark->bounds);
  }
  place_all(cells, xs, ys);
  return total;
}

namespace {

// A number of an option that is plain or {row, column}.
Value option(Value const& v, char const* key) { return v.is_object() ? v[key] : v; }
double number_option(Value const& v, char const* key, double fallback = 0) {
  Value const o = option(v, key);
  return o.is_nullish() ? fallback : o.to_number();
}

struct Trellis {
  std::vector<Cell> marks, row_headers, row_footers, column_headers, column_footers;
  Cell row_title, column_title;
};

class HeaderLayout {
 public:
  HeaderLayout(std::vector<Cell> const& groups, bool flush, GroupScope& scope)
      : groups_(groups), flush_(flush), scope_(scope) {}

  enum class Edge { X1, Y1, X2, Y2 };
  // Places headers along one side; answers the side's new edge.
  double place_headers(std::vector<Cell> headers, std::size_t limit, double offset, bool low, bool is_x, Edge edge,
                       std::size_t start, std::size_t stride, std::size_t back, Value const& band) {
    if (groups_.empty()) return 0;
    auto const pick = [low](double a, double b) {
      return low ? std::floor(std::min(a, b)) : std::ceil(std::max(a, b));
    };
    double init = 0, end = 0;
    for (std::size_t i = start; i < groups_.size(); i += stride) init = pick(init, edge_of(groups_[i], edge));
    if (headers.empty()) return init;
    if (headers.size() > limit) {
      scope_.view().diagnostics.warn(
          scope_.path(), "more headers than rows or columns of the grid: " + std::to_string(limit) + " are drawn");
      headers.resize(limit);
    }
    init += offset;
    for (auto const& h : headers) h.mark->bounds.clear();
    std::size_t i = start;
    for (auto const& h : headers) {
      std::size_t k = i;  // The nearest group: tables may have empty cells at the end.
      while (k >= groups_.size() && k >= back) k -= back;
      double x = init, y = init;
      if (k < groups_.size()) {
        auto const& g = groups_[k];
        double& along = is_x ? x : y;
        if (band.is_nullish())
          along = is_x ? g.x() : g.y();
        else
          along = round_half_up(is_x ? g.bounds().x1 + band.to_number() * g.bounds().width()
                                     : g.bounds().y1 + band.to_number() * g.bounds().height());
      }
      h.bounds().translate(x - h.x(), y - h.y());
      h.mark->bounds.join(h.bounds());
      place(h, x, y);
      auto const& b = h.mark->bounds;
      end = pick(end, edge == Edge::X1 ? b.x1 : edge == Edge::Y1 ? b.y1 : edge == Edge::X2 ? b.x2 : b.y2);
      i += stride;
    }
    return end;
  }

 private:
  double edge_of(Cell const& g, Edge edge) const {
    if (flush_)
      return edge == Edge::X1   ? g.x()
             : edge == Edge::Y1 ? g.y()
             : edge == Edge::X2 ? g.x() + g.width()
                                : g.y() + g.height();
    auto const& b = g.bounds();
    return edge == Edge::X1 ? b.x1 : edge == Edge::Y1 ? b.y1 : edge == Edge::X2 ? b.x2 : b.y2;
  }
  std::vector<Cell> const& groups_;
  bool flush_;
  GroupScope& scope_;
};

void place_title(Cell const& title, double offset, bool is_x, Bounds const& grid, double band) {
  if (!title.mark) return;
  double x = offset, y = offset;
  if (is_x)
    x = round_half_up(grid.x1 + band * grid.width());
  else
    y = round_half_up(grid.y1 + band * grid.height());
  title.bounds().translate(x - title.x(), y - title.y());
  title.mark->bounds = title.bounds();
  place(title, x, y);
}

Value resolved_layout(Value const& v, GroupScope& scope) {
  if (!v.is_object()) return v;
  if (v.has("signal")) return scope.resolve(v, scope.path() + ".layout");
  Value out{Object()};
  for (auto const& [key, member] : v.properties()) out.set(key, resolved_layout(member, scope));
  return out;
}

}  // namespace

void trellis_layout(Mark& mark, std::size_t item, Value const& given, GroupScope& scope) {
  Value const layout = resolved_layout(given, scope);
  Trellis views;
  for (auto const& child : mark.groups[item].marks) {
    if (child->type != MarkType::Group || child->role == "axis" || child->role == "legend" || child->role == "title")
      continue;
    auto const append = [&](std::vector<Cell>& to) {
      for (std::size_t i = 0; i < child->count; ++i) to.push_back({child.get(), i});
    };
    if (child->role == "row-header")
      append(views.row_headers);
    else if (child->role == "row-footer")
      append(views.row_footers);
    else if (child->role == "column-header")
      append(views.column_headers);
    else if (child->role == "column-footer")
      append(views.column_footers);
    else if (child->role == "row-title")
      views.row_title = child->count ? Cell{child.get(), 0} : Cell{};
    else if (child->role == "column-title")
      views.column_title = child->count ? Cell{child.get(), 0} : Cell{};
    else
      append(views.marks);
  }
  GridOptions options;
  options.flush = layout["bounds"].string_or("") == "flush";
  options.align_column = option(layout["align"], "column").string_or("");
  options.align_row = option(layout["align"], "row").string_or("");
  options.pad_column = number_option(layout["padding"], "column");
  options.pad_row = number_option(layout["padding"], "row");
  options.columns = layout["columns"].is_nullish() ? 0 : layout["columns"].to_number();
  options.center_column = option(layout["center"], "column").truthy();
  options.center_row = option(layout["center"], "row").truthy();
  Value const anchor = layout["anchor"];
  options.anchor_x = number_option(anchor.is_object() ? anchor : Value(), "x");
  options.anchor_y = number_option(anchor.is_object() ? anchor : Value(), "y");
  Bounds grid = grid_layout(views.marks, options);
  if (grid.empty()) grid.set(0, 0, 0, 0);

  auto const n = views.marks.size();
  auto const columns = options.columns >= 1 ? whole<std::size_t>(options.columns, 1, kMostColumns) : n;
  auto const rows = columns ? (n + columns - 1) / columns : 1;
  auto const cells = rows * columns;
  Value const off = layout["offset"];
  auto const offset = [&](char const* key) { return number_option(off, key); };
  auto const band = [&](char const* set, char const* key) { return option(layout[set], key); };
  using Edge = HeaderLayout::Edge;
  HeaderLayout headers(views.marks, options.flush, scope);
  auto const stride = std::max<std::size_t>(columns, 1);
  double const x = headers.place_headers(views.row_headers, rows, -offset("rowHeader"), true, false, Edge::X1, 0,
                                         stride, 1, band("headerBand", "row"));
  double const y = headers.place_headers(views.column_headers, columns, -offset("columnHeader"), true, true, Edge::Y1,
                                         0, 1, stride, band("headerBand", "column"));
  double const x2 = headers.place_headers(views.row_footers, rows, offset("rowFooter"), false, false, Edge::X2,
                                          columns ? columns - 1 : 0, stride, 1, band("footerBand", "row"));
  double const y2 =
      headers.place_headers(views.column_footers, columns, offset("columnFooter"), false, true, Edge::Y2,
                            cells >= columns ? cells - columns : 0, 1, stride, band("footerBand", "column"));
  if (views.row_title.mark) {
    bool const end = option(layout["titleAnchor"], "row").string_or("") == "end";
    place_title(views.row_title, end ? x2 + offset("rowTitle") : x - offset("rowTitle"), false, grid,
                number_option(layout["titleBand"], "row", 0.5));
  }
  if (views.column_title.mark) {
    bool const end = option(layout["titleAnchor"], "column").string_or("") == "end";
    place_title(views.column_title, end ? y2 + offset("columnTitle") : y - offset("columnTitle"), true, grid,
                number_option(layout["titleBand"], "column", 0.5));
  }
}

}  // namespace cml::vega

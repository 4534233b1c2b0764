// Internal to layout: one group item as the layout algorithms handle it.
#pragma once

#include <string>
#include <vector>

#include "vega/runtime/group_scope.hpp"
#include "vega/scene/scene.hpp"

namespace cml::vega {

struct Cell {
  Mark* mark = nullptr;
  std::size_t item = 0;

  Bounds& bounds() const { return mark->item_bounds[item]; }
  double x() const { return mark->number(Ch::X, item); }
  double y() const { return mark->number(Ch::Y, item); }
  double width() const { return mark->number(Ch::Width, item); }
  double height() const { return mark->number(Ch::Height, item); }
};

struct GridOptions {
  bool flush = false;                             // Cells measure by width and height, not by all they draw.
  std::string align_column = "", align_row = "";  // "each", "all" or none.
  double pad_column = 0, pad_row = 0;
  double columns = 0;  // 0: all in one row.
  bool center_column = false, center_row = false;
  double anchor_x = 0, anchor_y = 0;
  std::string anchor_column, anchor_row;  // "end", "middle".
};
// Places the cells; answers the box around all of them.
Bounds grid_layout(std::vector<Cell> const& cells, GridOptions const& options);
// A grid with headers, footers and titles (vega-view-transforms trellisLayout).
void trellis_layout(Mark& mark, std::size_t item, Value const& layout, GroupScope& scope);

Bounds axis_layout(Mark& axis, double width, double height);
Cell legend_layout(Mark& legend);
GridOptions legend_grid(std::vector<Cell> const& legends, std::string const& orient, Value const& config,
                        Bounds const& x_bounds, Bounds const& y_bounds, double width, double height);
Bounds title_layout(Mark& title, double width, double height, Bounds const& view);

// Moves an item, its box and its mark's box.
void move_item(Mark& mark, std::size_t item, double dx, double dy);

}  // namespace cml::vega

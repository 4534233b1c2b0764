// Places of axes, legends and titles around a view, after vega-view-transforms' layout/{axis,legend,title}.
#include <cmath>
#include <map>

#include "vega/runtime/layout.hpp"
#include "vega/scene/shapes.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {}

void move_item(Mark& mark, std::size_t item, double dx, double dy) {
  mark.set(Ch::X, item, mark.number(Ch::X, item) + dx);
  mark.set(Ch::Y, item, mark.number(Ch::Y, item) + dy);
  mark.item_bounds[item].translate(dx, dy);
  mark.bounds.translate(dx, dy);
}

// --- Axes ------------------------------------------------------------------------------------------------------

namespace {

void place_axis_title(Mark& title, double offset, double pad, double lines, bool vertical, double sign,
                      Bounds& bounds) {
  if (title.count == 0) return;
  Bounds& box = title.item_bounds[0];
  if (title.value(Ch::Auto, 0).truthy()) {
    double const v = sign * (offset + lines + pad);
    double dx = 0, dy = 0;
    if (vertical)
      dx = title.number(Ch::X, 0) - v;
    else
      dy = title.number(Ch::Y, 0) - v;
    title.set(vertical ? Ch::X : Ch::Y, 0, v);
    box.translate(-dx, -dy);
    title.bounds = box;
  }
  bounds.join(box);
}

}  // namespace

Bounds axis_layout(Mark& axis, double width, double height) {
  if (axis.count == 0) return Bounds();
  Value const datum = axis.datum(0);
  auto& parts = axis.groups[0].marks;
  std::size_t index = datum["grid"].truthy() ? 1 : 0;
  Mark* const ticks = datum["ticks"].truthy() ? parts[index++].get() : nullptr;
  Mark* const labels = datum["labels"].truthy() ? parts[index++].get() : nullptr;
  index += datum["domain"].truthy() ? 1 : 0;
  Mark* const title = datum["title"].truthy() && index < parts.size() ? parts[index].get() : nullptr;
  Value const translate = axis.value(Ch::Translate, 0);
  double const delta = translate.is_nullish() ? 0.5 : translate.to_number();
  Value const orient_value = axis.value(Ch::Orient, 0);
  auto const orient = orient_value.string_or("");
  double const range = axis.number(Ch::Range, 0), offset = axis.number(Ch::Offset, 0),
               position = axis.number(Ch::Position, 0);
  double const least = axis.number(Ch::MinExtent, 0), most = axis.number(Ch::MaxExtent, 0),
               pad = axis.number(Ch::TitlePadding, 0);
  double const lines = title && title->count ? multi_line_offset(*title, 0) : 0;
  Bounds bounds;
  if (ticks) bounds.join(ticks->bounds);
  if (labels) bounds.join(labels->bounds);
  auto const extent = [&](double v) { return std::max(least, std::min(most, v)); };
  double x = 0, y = 0;
  if (orient == "top") {
    x = position;
    y = -offset;
    double const s = extent(-bounds.y1);
    bounds.add(0, -s).add(range, 0);
    if (title) place_axis_title(*title, s, pad, lines, false, -1, bounds);
  } else if (orient == "left") {
    x = -offset;
    y = position;
    double const s = extent(-bounds.x1);
    bounds.add(-s, 0).add(0, range);
    if (title) place_axis_title(*title, s, pad, lines, true, -1, bounds);
  } else if (orient == "right") {
    x = width + offset;
    y = position;
    double const s = extent(bounds.x2);
    bounds.add(0, 0).add(s, range);
    if (title) place_axis_title(*title, s, pad, lines, true, 1, bounds);
  } else if (orient == "bottom") {
    x = position;
    y = height + offset;
    double const s = extent(bounds.y2);
    bounds.add(0, 0).add(range, s);
    if (title) place_axis_title(*title, s, pad, 0, false, 1, bounds);
  } else {
    x = axis.number(Ch::X, 0);
    y = axis.number(Ch::Y, 0);
  }
  bounds.translate(x, y);
  bound_stroke(axis, 0, bounds, false);
  axis.set(Ch::X, 0, x + delta);
  axis.set(Ch::Y, 0, y + delta);
  axis.item_bounds[0] = bounds;
  axis.bounds = bounds;
  return bounds;
}

// --- Legends -----------------------------------------------------------------------------------------------------

namespace {

double legend_title_offset(Mark& legend, Mark& entry, Mark& title, std::string_view anchor, int y, bool side,
                           bool no_bar) {
  Value const datum = legend.datum(0);
  bool const gradient = datum["type"].string_or("") != "symbol";
  Value const title_datum = title.datum(0);
  bool const vertical = title_datum["vgrad"].truthy();
  Bounds const& box = gradient && (side || !vertical) && !no_bar && !entry.groups[0].marks.empty()
                          ? entry.groups[0].marks[0]->bounds
                          : entry.item_bounds[0];
  double const s = (y ? box.y2 : box.x2) - legend.number(Ch::Padding, 0);
  double const u = vertical && side ? s : 0, v = vertical && side ? 0 : s, o = y <= 0 ? 0 : multi_line_offset(title, 0);
  return round_half_up(anchor == "start" ? u : anchor == "end" ? v - o : 0.5 * (s - o));
}

void place_legend_parts(Mark& legend, Mark& entry) {
  double const pad = legend.number(Ch::Padding, 0);
  double ex = pad - entry.number(Ch::X, 0), ey = pad - entry.number(Ch::Y, 0);
  Value const datum = legend.datum(0);
  auto& parts = legend.groups[0].marks;
  if (!datum["title"].truthy() || parts.size() < 2 || parts[1]->count == 0) {
    if (ex != 0 || ey != 0) move_item(entry, 0, ex, ey);
    return;
  }
  Mark& title = *parts[1];
  Value const anchor_value = title.value(Ch::Anchor, 0), orient_value = title.value(Ch::Orient, 0);
  auto const anchor = anchor_value.string_or(""), orient = orient_value.string_or("");
  double const space = legend.number(Ch::TitlePadding, 0);
  double tx = pad - title.number(Ch::X, 0), ty = pad - title.number(Ch::Y, 0);
  if (orient == "left")
    ex += std::ceil(title.item_bounds[0].width()) + space;
  else if (orient != "right" && orient != "bottom")
    ey += title.item_bounds[0].height() + space;
  if (ex != 0 || ey != 0) move_item(entry, 0, ex, ey);
  if (orient == "left") {
    ty += legend_title_offset(legend, entry, title, anchor, 1, true, false);
  } else if (orient == "right") {
    tx += legend_title_offset(legend, entry, title, "end", 0, false, false) + space;
    ty += legend_title_offset(legend, entry, title, anchor, 1, true, false);
  } else if (orient == "bottom") {
    tx += legend_title_offset(legend, entry, title, anchor, 0, false, false);
    ty += legend_title_offset(legend, entry, title, "end", -1, false, true) + space;
  } else {
    tx += legend_title_offset(legend, entry, title, anchor, 0, false, false);
  }
  if (tx != 0 || ty != 0) move_item(title, 0, tx, ty);
  // A title that reaches to the left of the legend pushes everything to the right.
  if (double const left = round_half_up(title.item_bounds[0].x1 - pad); left < 0) {
    move_item(entry, 0, -left, 0);
    move_item(title, 0, -left, 0);
  }
}

}  // namespace

Cell legend_layout(Mark& legend) {
  Cell const cell{&legend, 0};
  auto& parts = legend.groups[0].marks;
  Mark& entry = *parts[0];
  place_legend_parts(legend, entry);
  double const padding = legend.number(Ch::Padding, 0);
  Bounds bounds;
  for (auto const& part : parts)
    for (auto const& b : part->item_bounds) bounds.join(b);
  if (bounds.empty()) bounds.x2 = bounds.y2 = padding;
  bounds.x1 = bounds.y1 = padding;
  double const w = std::ceil(bounds.width() + 2 * padding), h = std::ceil(bounds.height() + 2 * padding);
  Value const datum = legend.datum(0);
  if (datum["type"].string_or("") == "symbol" && entry.count && !entry.groups[0].marks.empty()) {
    // Entries of a column share its width.
    Mark& groups = *entry.groups[0].marks[0];
    std::map<double, double> widths;
    for (std::size_t i = 0; i < groups.count; ++i) {
      double& width = widths[groups.number(Ch::Column, i)];
      width = std::max(width, groups.item_bounds[i].x2 - groups.number(Ch::X, i));
    }
    std::vector<double> ws(groups.count), hs(groups.count);
    for (std::size_t i = 0; i < groups.count; ++i) {
      ws[i] = widths[groups.number(Ch::Column, i)];
      hs[i] = groups.item_bounds[i].y2 - groups.number(Ch::Y, i);
    }
    if (groups.count == 1) {
      groups.set(Ch::Width, 0, ws[0]);
      groups.set(Ch::Height, 0, hs[0]);
    } else if (groups.count) {
      groups[Ch::Width] = Channel(Column::of_numbers(std::move(ws)));
      groups[Ch::Height] = Channel(Column::of_numbers(std::move(hs)));
    }
  }
  Value const orient = legend.value(Ch::Orient, 0);
  double x = legend.number(Ch::X, 0), y = legend.number(Ch::Y, 0);
  if (orient.string_or("") != "none") {
    legend.set(Ch::X, 0, x = 0);
    legend.set(Ch::Y, 0, y = 0);
  }
  legend.set(Ch::Width, 0, w);
  legend.set(Ch::Height, 0, h);
  bounds.set(x, y, x + w, y + h);
  bound_stroke(legend, 0, bounds, false);
  legend.item_bounds[0] = bounds;
  legend.bounds = bounds;
  return cell;
}

GridOptions legend_grid(std::vector<Cell> const& legends, std::string const& orient, Value const& config,
                        Bounds const& xb, Bounds const& yb, double w, double h) {
  auto const property = [&](char const* key) {
    Value const side = config[orient];
    return !side[key].is_nullish() ? Value(side[key]) : Value(config[key]);
  };
  double offset = -std::numeric_limits<double>::infinity();
  for (auto const& cell : legends) {
    Value const v = cell.mark->value(Ch::Offset, cell.item);
    if (!v.is_nullish()) offset = std::max(offset, v.to_number());
  }
  if (!std::isfinite(offset)) offset = property("offset").is_nullish() ? 0 : property("offset").to_number();
  Value const anchor_value = property("anchor"), frame = property("frame"), margin = property("margin"),
              bounds = property("bounds"), center = property("center");
  std::string const anchor(anchor_value.string_or("start"));
  double const mult = anchor == "end" ? 1 : anchor == "middle" ? 0.5 : 0;
  bool const by_bounds = frame.string_or("group") == "bounds";
  double const ax = by_bounds ? xb.x1 + mult * xb.width() : mult * (w != 0 ? w : yb.width() + 2 * yb.x1);
  double const ay = by_bounds ? yb.y1 + mult * yb.height() : mult * (h != 0 ? h : xb.height() + 2 * xb.y1);
  GridOptions grid;
  grid.align_column = grid.align_row = "each";
  grid.flush = bounds.string_or("flush") == "flush";
  grid.columns = property("direction").string_or("") == "vertical" ? 1 : static_cast<double>(legends.size());
  grid.pad_column = grid.pad_row = margin.is_nullish() ? 8 : margin.to_number();
  grid.center_column = center.is_object() ? center["column"].truthy() : center.truthy();
  grid.center_row = center.is_object() ? center["row"].truthy() : center.truthy();
  if (orient == "left")
    grid.anchor_x = std::floor(xb.x1) - offset, grid.anchor_column = "end", grid.anchor_y = ay,
    grid.anchor_row = anchor;
  else if (orient == "right")
    grid.anchor_x = std::ceil(xb.x2) + offset, grid.anchor_y = ay, grid.anchor_row = anchor;
  else if (orient == "top")
    grid.anchor_y = std::floor(yb.y1) - offset, grid.anchor_row = "end", grid.anchor_x = ax,
    grid.anchor_column = anchor;
  else if (orient == "bottom")
    grid.anchor_y = std::ceil(yb.y2) + offset, grid.anchor_x = ax, grid.anchor_column = anchor;
  else if (orient == "top-left")
    grid.anchor_x = offset, grid.anchor_y = offset;
  else if (orient == "top-right")
    grid.anchor_x = w - offset, grid.anchor_y = offset, grid.anchor_column = "end";
  else if (orient == "bottom-left")
    grid.anchor_x = offset, grid.anchor_y = h - offset, grid.anchor_row = "end";
  else if (orient == "bottom-right")
    grid.anchor_x = w - offset, grid.anchor_y = h - offset, grid.anchor_column = "end", grid.anchor_row = "end";
  return grid;
}

// --- Titles ------------------------------------------------------------------------------------------------------

Bounds title_layout(Mark& mark, double width, double height, Bounds const& view) {
  if (mark.count == 0 || mark.groups[0].marks.empty() || mark.groups[0].marks[0]->count == 0) return mark.bounds;
  Value const frame = mark.value(Ch::Frame, 0), orient_value = mark.value(Ch::Orient, 0),
              anchor_value = mark.value(Ch::Anchor, 0);
  auto const orient = orient_value.string_or(""), anchor = anchor_value.string_or("");
  double const offset = mark.number(Ch::Offset, 0), padding = mark.number(Ch::Padding, 0);
  auto& parts = mark.groups[0].marks;
  Mark& title = *parts[0];
  Mark* const subtitle = parts.size() > 1 && parts[1]->count ? parts[1].get() : nullptr;
  bool const side = orient == "left" || orient == "right";
  double start = 0, end = side ? height : width;
  if (frame.string_or("") != "group") {
    if (orient == "left")
      start = view.y2, end = view.y1;
    else if (orient == "right")
      start = view.y1, end = view.y2;
    else
      start = view.x1, end = view.x2;
  } else if (orient == "left") {
    start = height, end = 0;
  }
  double const at = anchor == "start" ? start : anchor == "end" ? end : (start + end) / 2;
  Bounds box;
  if (subtitle && subtitle->value(Ch::Text, 0).truthy()) {
    double sx = 0, sy = 0;
    auto const& t = title.item_bounds[0];
    if (orient == "top" || orient == "bottom")
      sy = t.height() + padding;
    else if (orient == "left")
      sx = t.width() + padding;
    else if (orient == "right")
      sx = -t.width() - padding;
    subtitle->item_bounds[0].translate(sx - subtitle->number(Ch::X, 0), sy - subtitle->number(Ch::Y, 0));
    subtitle->set(Ch::X, 0, sx);
    subtitle->set(Ch::Y, 0, sy);
    subtitle->bounds = subtitle->item_bounds[0];
    box.join(subtitle->bounds);
  }
  box.join(title.item_bounds[0]);
  double x = mark.number(Ch::X, 0), y = mark.number(Ch::Y, 0);
  if (orient == "top")
    x = at, y = view.y1 - box.height() - offset;
  else if (orient == "left")
    x = view.x1 - box.width() - offset, y = at;
  else if (orient == "right")
    x = view.x2 + box.width() + offset, y = at;
  else if (orient == "bottom")
    x = at, y = view.y2 + offset;
  mark.set(Ch::X, 0, x);
  mark.set(Ch::Y, 0, y);
  box.translate(x, y);
  mark.item_bounds[0] = box;
  mark.bounds = box;
  return box;
}

}  // namespace cml::vega

// The layout pass of one group mark, after vega-view-transforms' ViewLayout.
#include <map>

#include "vega/runtime/build.hpp"
#include "vega/runtime/layout.hpp"
#include "vega/scene/shapes.hpp"

namespace cml::vega {
namespace {

bool is_frame_role(std::string const& role) {
  return role == "frame" || role == "scope" || role == "row-header" || role == "row-footer" || role == "row-title" ||
         role == "column-header" || role == "column-footer" || role == "column-title";
}

Value resolved(Value const& v, GroupScope& scope) {
  if (!v.is_object()) return v;
  if (v.has("signal")) return scope.resolve(v, scope.path());
  Value out{Object()};
  for (auto const& [key, member] : v.properties()) out.set(key, resolved(member, scope));
  return out;
}

Bounds layout_item(Mark& mark, std::size_t item, GroupScope& scope, Autosize const& autosize) {
  double const width = std::max(0.0, mark.number(Ch::Width, item)),
               height = std::max(0.0, mark.number(Ch::Height, item));
  Bounds view;
  view.set(0, 0, width, height);
  Bounds xb = view, yb = view;
  std::vector<Cell> legends;
  Mark* title = nullptr;
  for (auto const& child : mark.groups[item].marks) {
    if (child->role == "axis") {
      Value const orient = child->value(Ch::Orient, 0);
      bool const vertical = orient.string_or("") == "left" || orient.string_or("") == "right";
      (vertical ? xb : yb).join(axis_layout(*child, width, height));
    } else if (child->role == "title") {
      title = child.get();
    } else if (child->role == "legend") {
      if (child->count) legends.push_back(legend_layout(*child));
    } else if (is_frame_role(child->role)) {
      xb.join(child->bounds);
      yb.join(child->bounds);
    } else {
      view.join(child->bounds);
    }
  }
  if (!legends.empty()) {
    Value const config = resolved(scope.view().config["legend"]["layout"], scope);
    std::vector<std::pair<std::string, std::vector<Cell>>> by_orient;
    for (auto const& cell : legends) {
      Value const orient = cell.mark->value(Ch::Orient, 0);
      std::string const name(orient.string_or("right"));
      if (name == "none") continue;
      auto const found =
          std::find_if(by_orient.begin(), by_orient.end(), [&](auto const& entry) { return entry.first == name; });
      if (found == by_orient.end())
        by_orient.push_back({name, {cell}});
      else
        found->second.push_back(cell);
    }
    for (auto const& [orient, cells] : by_orient)
      grid_layout(cells, legend_grid(cells, orient, config, xb, yb, width, height));
    bool const fits = autosize.type == "fit" || autosize.type == "fit-x" || autosize.type == "fit-y";
    for (auto const& cell : legends) {
      Bounds const& b = cell.bounds();
      Value const orient_value = cell.mark->value(Ch::Orient, 0);
      auto const orient = orient_value.string_or("");
      if (!fits)
        view.join(b);
      else if (orient == "left" || orient == "right")
        view.add(b.x1, 0).add(b.x2, 0);
      else if (orient == "top" || orient == "bottom")
        view.add(0, b.y1).add(0, b.y2);
    }
  }
  view.join(xb).join(yb);
  if (title) view.join(title_layout(*title, width, height, view));
  if (mark.value(Ch::Clip, item).truthy()) view.set(0, 0, mark.number(Ch::Width, item), mark.number(Ch::Height, item));
  return view;
}

}  // namespace

Bounds layout_group(Mark& mark, Value const& layout, GroupScope& scope, Autosize const& autosize) {
  Bounds view;
  for (std::size_t i = 0; i < mark.count; ++i) {
    if (layout.is_object()) trellis_layout(mark, i, layout, scope);
    view = layout_item(mark, i, scope, autosize);
  }
  return view;
}

}  // namespace cml::vega

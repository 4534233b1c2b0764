// Building marks: data join, encoding, transforms, sorting, nested groups, guides, layout and boxes.
#pragma once

#include <memory>
#include <string>

#include "vega/runtime/group_scope.hpp"
#include "vega/scene/scene.hpp"

namespace cml::vega {

// One mark of a specification (or of a guide) inside item `item` of group mark `group`.
std::unique_ptr<Mark> build_mark(Value const& spec, GroupScope& scope, Mark& group, std::size_t item,
                                 std::string const& path);

// Evaluates the group's signals and datasets that draw random numbers, before what else may draw some.
void draw_random_in_order(GroupScope& scope);

// Axes, marks, legends and title of `scope.spec()` into its group item.
void build_group_content(GroupScope& scope);

// Guides as mark specifications; `from` of their marks holds tables (axis.cpp, legend.cpp, title.cpp).
Value axis_marks(Value const& axis, GroupScope& scope, std::string const& path);
Value legend_marks(Value const& legend, GroupScope& scope, std::string const& path);
Value title_marks(Value const& title, GroupScope& scope);

// Hides overlapping labels by opacity (vega-view-transforms Overlap).
void remove_overlap(Mark& mark, Value const& overlap, GroupScope& scope);

// Places axes, legends, titles and grids inside every item of a group mark (vega-view-transforms ViewLayout), then
// measures the items. `layout` is the grid's specification or undefined.
struct Autosize {
  std::string type;  // Empty: no sizing (not the root).
  bool contains_padding = false;
};
// Answers the box of the last item's content, from which the root computes its size.
Bounds layout_group(Mark& mark, Value const& layout, GroupScope& scope, Autosize const& autosize);

}  // namespace cml::vega

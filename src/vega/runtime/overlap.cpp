// Label overlap removal, after vega-view-transforms' Overlap: hidden labels stay in the scene with opacity 0.
#include <algorithm>
#include <limits>

#include "vega/expr/order.hpp"
#include "vega/runtime/build.hpp"
#include "vega/runtime/fields.hpp"

namespace cml::vega {
namespace {

using Items = std::vector<std::size_t>;

bool too_near(Bounds const& a, Bounds const& b, double separation) {
  return separation > std::max({b.x1 - a.x2, a.x1 - b.x2, b.y1 - a.y2, a.y1 - b.y2});
}

}  // namespace

void remove_overlap(Mark& mark, Value const& overlap, GroupScope& scope) {
  std::string const path = scope.path();
  Value const method = scope.resolve(overlap["method"], path);
  if (!method.truthy() || mark.count == 0) return;
  double separation = scope.resolve(overlap["separation"], path).to_number();
  if (std::isnan(separation)) separation = 0;

  Items source;
  for (std::size_t i = 0; i < mark.count; ++i)
    if (mark.item_bounds[i].width() > 1 && mark.item_bounds[i].height() > 1) source.push_back(i);
  if (source.empty()) return;
  if (overlap["order"].is_string() && mark.data) {
    auto const key = field_column(*mark.data, overlap["order"].string());
    std::vector<std::uint32_t> order(source.begin(), source.end());
    sort_as_v8(order.data(), order.data() + order.size(),
               [&](std::uint32_t a, std::uint32_t b) { return ascending(key->at(a), key->at(b)); });
    source.assign(order.begin(), order.end());
  }
  std::vector<bool> shown(mark.count, true);
  auto const crowded = [&](Items const& items) {
    for (std::size_t i = 1; i < items.size(); ++i)
      if (too_near(mark.item_bounds[items[i - 1]], mark.item_bounds[items[i]], separation)) return true;
    return false;
  };
  bool const greedy = method.string_or("") == "greedy";
  auto const reduce = [&](Items const& items) {
    Items kept;
    for (std::size_t i = 0; i < items.size(); ++i) {
      bool const keep = greedy
                            ? i == 0 || !too_near(mark.item_bounds[kept.back()], mark.item_bounds[items[i]], separation)
                            : i % 2 == 0;
      if (keep)
        kept.push_back(items[i]);
      else
        shown[items[i]] = false;
    }
    return kept;
  };
  Items items = source;
  if (items.size() >= 3 && crowded(items)) {
    do items = reduce(items);
    while (items.size() >= 3 && crowded(items));
    if (items.size() < 3 && !shown[source.back()]) {
      if (items.size() > 1) shown[items.back()] = false;
      shown[source.back()] = true;
    }
  }
  if (auto const bound = overlap["bound"]; bound.is_object()) {
    double const tolerance = scope.resolve(bound["tolerance"], path).to_number();
    auto const scale = scope.find_scale(bound["scale"].to_string());
    auto const range = scale ? scale->range() : Array();
    if (tolerance >= 0 && range.size() > 1) {
      double const a = range.front().to_number(), b = range[1].to_number(),
                   far = std::numeric_limits<double>::infinity();
      auto const orient = scope.resolve(bound["orient"], path);
      bool const horizontal = orient.string_or("") == "top" || orient.string_or("") == "bottom";
      Bounds box;
      horizontal ? box.set(a, -far, b, far) : box.set(-far, a, far, b);
      box.expand(tolerance != 0 ? tolerance : 1);
      for (auto i : source)
        if (!box.encloses(mark.item_bounds[i])) shown[i] = false;
    }
  }
  std::vector<Value> opacity(mark.count);
  for (std::size_t i = 0; i < mark.count; ++i) opacity[i] = mark.value(Ch::Opacity, i);
  for (auto i : source) opacity[i] = shown[i] ? 1 : 0;
  mark[Ch::Opacity] = mark.count == 1 ? Channel(opacity[0]) : Channel(Column::of_values(std::move(opacity)));
  mark.bounds.clear();
  for (auto i : source)
    if (shown[i]) mark.bounds.join(mark.item_bounds[i]);
}

}  // namespace cml::vega

// Selections defined above the views move into the views they name, or into all.
#include "vega/lite/normalize/normalize.hpp"

namespace cml::vega::lite {
namespace {

struct TopLevel {
  Array selections;

  static bool names_path(Value const& view, Value const& name, Strings const& path) {
    if (view.is_string()) return view == name || contains(path, view.string());
    if (!view.is_array()) return false;
    long last = -1;
    for (auto const& v : view.items()) {
      long at = -1;
      for (std::size_t i = 0; i < path.size() && at < 0; ++i)
        if (is(v, path[i])) at = static_cast<long>(i);
      if (at < 0 || at <= last) return false;
      last = at;
    }
    return true;
  }

  // Views inside a layer keep what they say themselves: only whole views hand their selections on.
  Value map(Value spec, Strings path, bool in_layer = false) {
    if (!in_layer && spec["params"].is_array() && !has(spec, "mark")) {
      Array kept;
      for (auto const& param : spec["params"].items()) (param["select"].truthy() ? selections : kept).push_back(param);
      spec.set("params", kept);
    }
    if (has(spec, "mark") && !has(spec, "layer")) return unit(spec, path);
    if (spec["name"].truthy() && !has(spec, "concat")) path.push_back(spec["name"].to_string());
    for (auto key : {"layer", "concat", "hconcat", "vconcat"}) {
      if (!has(spec, key)) continue;
      Array children;
      for (auto const& child : spec[key].items())
        children.push_back(map(child, path, std::string_view(key) == "layer"));
      spec.set(key, children);
    }
    if (has(spec, "spec")) spec.set("spec", map(spec["spec"], path));
    return spec;
  }

  Value unit(Value spec, Strings path) const {
    if (spec["name"].defined()) path.push_back(spec["name"].to_string());
    Array params;
    for (auto const& selection : selections) {
      auto const& views = selection["views"];
      if (views.size() == 0) {
        params.push_back(selection);
        continue;
      }
      for (auto const& view : as_array(views))
        if (names_path(view, spec["name"], path)) params.push_back(selection);
    }
    if (!params.empty()) spec.set("params", params);
    return spec;
  }
};

}  // namespace

Value normalize_top_level_selections(Context&, Value const& spec) { return TopLevel{}.map(spec, {}); }

}  // namespace cml::vega::lite

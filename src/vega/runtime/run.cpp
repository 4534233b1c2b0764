// The root of a run: top-level signals, the root group, and the passes that autosize needs.
#include "vega/runtime/run.hpp"

#include <algorithm>
#include <cmath>

#include "vega/runtime/build.hpp"
#include "vega/runtime/encode.hpp"
#include "vega/runtime/view.hpp"
#include "vega/scene/shapes.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr double kMaxSide = 1e7;  // A wider view is a mistake; pictures end far below.

struct Padding {
  double top = 0, bottom = 0, left = 0, right = 0;
};
Padding padding_of(Value const& v) {
  auto const number = [](Value const& x) {
    double const n = x.is_nullish() ? 0 : x.to_number();
    return std::isnan(n) ? 0 : n;
  };
  if (!v.is_object()) return {number(v), number(v), number(v), number(v)};
  return {number(v["top"]), number(v["bottom"]), number(v["left"]), number(v["right"])};
}

struct Size {
  double width, height;
};

class Runner {
 public:
  Runner(Value const& spec, RunOptions const& options, SceneContext& context, Diagnostics& diagnostics)
      : spec_(spec), options_(options), context_(context), diagnostics_(diagnostics) {
    // The specification's own configuration wins over the caller's.
    config_ = merge_config(merge_config(default_config(), options.config), spec["config"]);
  }

  Scene run() {
    if (!spec_.is_object()) fail("$", "a Vega specification must be a JSON object");
    Scene scene;
    Pass first = pass(scene, std::nullopt);
    if (first.next) pass(scene, first.next);
    scene.width = first.view_width + first.padding.left + first.padding.right;
    scene.height = first.view_height + first.padding.top + first.padding.bottom;
    scene.origin_x = first.padding.left + first.left;
    scene.origin_y = first.padding.top + first.top;
    return scene;
  }

 private:
  struct Pass {
    double view_width = 0, view_height = 0, left = 0, top = 0;
    Padding padding;
    std::optional<Size> next;  // A second pass is needed at this size.
  };

  // The built-in signals, with what the specification's own list says of them.
  Value with_root_signals() const {
    auto const pick = [&](char const* name) { return spec_[name].is_nullish() ? config_[name] : spec_[name]; };
    Value const autosize = pick("autosize");
    std::pair<std::string_view, Value> const built_in[] = {
        {"background", pick("background")},
        {"autosize",
         autosize.is_object() ? autosize : Value::object({{"type", autosize.truthy() ? autosize : Value("pad")}})},
        {"padding", pick("padding")},
        {"width", pick("width").truthy() ? pick("width") : Value(0)},
        {"height", pick("height").truthy() ? pick("height") : Value(0)}};
    // The list keeps the specification's own order, so that messages name the right index.
    Array signals = spec_["signals"].items();
    auto const find = [&signals](Value const& name) {
      return std::find_if(signals.begin(), signals.end(), [&name](Value const& s) { return s["name"] == name; });
    };
    for (auto const& [name, value] : built_in) {
      Value signal = Value::object({{"name", name}});
      if (value.is_object() && value["signal"].truthy())
        signal.set("update", value["signal"]);
      else
        signal.set("value", value);
      auto const own = find(Value(name));
      if (own == signals.end()) {
        signals.push_back(std::move(signal));
        continue;
      }
      for (auto const& [key, v] : own->properties()) signal.set(key, v);
      *own = std::move(signal);
    }
    for (auto const& signal : config_["signals"].items())
      if (find(signal["name"]) == signals.end()) signals.push_back(signal);
    Value spec = spec_;
    spec.set("signals", Value(std::move(signals)));
    return spec;
  }

  Pass pass(Scene& scene, std::optional<Size> const& size) {
    View view(options_, context_, diagnostics_);
    view.config = config_;
    if (config_["locale"]["number"].is_object())
      view.number_locale = std::make_shared<NumberLocale const>(NumberLocale::from(config_["locale"]["number"]));
    if (config_["locale"]["time"].is_object())
      view.time_locale = std::make_shared<TimeLocale const>(TimeLocale::from(config_["locale"]["time"]));

    scene.root = std::make_unique<Mark>();
    Mark& root = *scene.root;
    root.type = MarkType::Group;
    root.role = "frame";
    root.name = "root";
    root.interactive = true;
    root.count = 1;
    root.data = make_ref<Table>(std::size_t{1});
    root.groups.resize(1);
    GroupScope scope(view, nullptr, with_root_signals(), "$", &root, 0);
    if (size) {
      scope.define_signal("width", size->width);
      scope.define_signal("height", size->height);
    }
    double const width = scope.signal("width").to_number(), height = scope.signal("height").to_number();
    for (double side : {width, height})
      if (!std::isfinite(side) || std::fabs(side) > kMaxSide)
        fail("$." + std::string(side == width ? "width" : "height"), "must be a number below 10000000");
    Value encode = spec_["encode"].is_object() ? spec_["encode"] : Value(Object());
    auto const block = [&](char const* name, std::initializer_list<std::pair<char const*, Value>> defaults) {
      Value out{Object()};
      for (auto const& [key, value] : defaults) out.set(key, value);
      for (auto const& [key, value] : encode[name].properties()) out.set(key, value);
      encode.set(name, std::move(out));
    };
    block("enter", {{"x", Value::object({{"value", 0}})}, {"y", Value::object({{"value", 0}})}});
    block("update",
          {{"width", Value::object({{"signal", "width"}})}, {"height", Value::object({{"signal", "height"}})}});
    encode_mark(root, encode, "frame", spec_["style"], scope, "$");

    root.item_bounds.assign(1, Bounds());
    build_group_content(scope);
    Value const autosize = scope.signal("autosize");
    Autosize sizing{std::string(autosize.is_string() ? autosize.string() : autosize["type"].string_or("pad")),
                    autosize["contains"].string_or("") == "padding"};
    Bounds const box = layout_group(root, spec_["layout"], scope, sizing);
    compute_bounds(root, context_);

    Pass out;
    out.padding = padding_of(scope.signal("padding"));
    Value const background = scope.signal("background");
    scene.background = background.string_or("");
    scene.description = spec_["description"].string_or(config_["description"].string_or(""));
    measure(out, sizing, box, width, height, root);
    // Reactive tables of marks and scopes end here; the scene keeps only drawn values.
    return out;
  }

  static void measure(Pass& out, Autosize const& sizing, Bounds const& box, double width, double height,
                      Mark const& root) {
    double const w = std::max(0.0, root.number(Ch::Width, 0)), h = std::max(0.0, root.number(Ch::Height, 0));
    double left = std::max(0.0, std::ceil(-box.x1)), top = std::max(0.0, std::ceil(-box.y1));
    double const right = std::max(0.0, std::ceil(box.x2 - w)), bottom = std::max(0.0, std::ceil(box.y2 - h));
    double view_width = width, view_height = height;
    if (sizing.contains_padding) {
      view_width -= out.padding.left + out.padding.right;
      view_height -= out.padding.top + out.padding.bottom;
    }
    double next_width = w, next_height = h;
    if (sizing.type == "none") {
      left = top = 0;
      next_width = view_width;
      next_height = view_height;
    } else if (sizing.type == "fit") {
      next_width = std::max(0.0, view_width - left - right);
      next_height = std::max(0.0, view_height - top - bottom);
    } else if (sizing.type == "fit-x") {
      next_width = std::max(0.0, view_width - left - right);
      view_height = h + top + bottom;
    } else if (sizing.type == "fit-y") {
      view_width = w + left + right;
      next_height = std::max(0.0, view_height - top - bottom);
    } else {
      view_width = w + left + right;
      view_height = h + top + bottom;
    }
    out.view_width = view_width;
    out.view_height = view_height;
    out.left = left;
    out.top = top;
    if (next_width != width || next_height != height) out.next = Size{next_width, next_height};
  }

  Value spec_;
  RunOptions const& options_;
  SceneContext& context_;
  Diagnostics& diagnostics_;
  Value config_;
};

}  // namespace

Result<Scene> run(Value const& vega_spec, RunOptions const& options, SceneContext& context, Diagnostics& diagnostics) {
  BudgetScope const budget;
  return guarded([&]() -> Result<Scene> { return Runner(vega_spec, options, context, diagnostics).run(); });
}

}  // namespace cml::vega

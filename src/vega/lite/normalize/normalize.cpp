#include "vega/lite/normalize/normalize.hpp"

#include "base/text.hpp"
#include "vega/lite/messages.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

constexpr int kMaxViewDepth = 100;
constexpr std::size_t kMaxTransforms = 2000;  // Of one specification: each adds to the depth of the data flow.

Value autosize_object(Value const& autosize) {
  if (autosize.is_string()) return Value::object({{"type", autosize}});
  return autosize.is_object() ? autosize : Value(Object());
}

Value normalize_autosize(Context& ctx, Value const& spec, Value width, Value height, Value const& config) {
  bool const fits = has(spec, "mark") || has(spec, "layer");
  Value defaults{Object()};
  bool wide = is(width, "container"), tall = is(height, "container");
  if (!fits) {
    if (wide) ctx.warn(message::container_needs_single_view("width"));
    if (tall) ctx.warn(message::container_needs_single_view("height"));
    wide = tall = false;
  } else if (wide || tall) {
    defaults.set("type", wide && tall ? "fit" : wide ? "fit-x" : "fit-y");
    defaults.set("contains", "padding");
  }
  Value out = Value::object({{"type", "pad"}});
  assign(out, defaults);
  assign(out, autosize_object(config["autosize"]));
  assign(out, autosize_object(spec["autosize"]));
  if (is(out["type"], "fit") && !fits) {
    ctx.warn(message::fit_needs_single_view());
    out.set("type", "pad");
  }
  if (wide && !one_of(out["type"], {"fit", "fit-x"})) ctx.warn(message::container_needs_fit("width"));
  if (tall && !one_of(out["type"], {"fit", "fit-y"})) ctx.warn(message::container_needs_fit("height"));
  if (out == Value::object({{"type", "pad"}})) return {};
  return out;
}

std::string unknown_mark(std::string_view type) {
  std::vector<std::string_view> names{"boxplot", "errorbar", "errorband"};
  for (auto const name : mark_names()) names.push_back(name);
  auto const near = nearest(type, names);
  return "unknown mark \"" + std::string(type) + "\"" +
         (near.empty() ? "" : "; did you mean \"" + std::string(near) + "\"?");
}

}  // namespace

void fail_invalid_view(Context& ctx, Value const& spec) {
  auto const& path = spec[kPathKey];
  fail(path.is_string() ? std::string(path.string()) : ctx.path, message::invalid_spec());
}

// Gives every view its JSON path, and refuses what is not a view before anything else looks at it.
Value annotate_paths(Context& ctx, Value const& spec, std::string const& path, int depth) {
  if (!spec.is_object()) fail(path, "a view must be an object");
  if (depth > kMaxViewDepth) fail(path, "views are nested deeper than " + std::to_string(kMaxViewDepth) + " levels");
  Value out = spec;
  out.set(kPathKey, path);
  for (auto key : {"layer", "concat", "hconcat", "vconcat"}) {
    if (!has(spec, key)) continue;
    if (!spec[key].is_array()) fail(path + "." + key, "must be a list of views");
    Array children;
    for (std::size_t i = 0; i < spec[key].items().size(); ++i)
      children.push_back(
          annotate_paths(ctx, spec[key].items()[i], path + "." + key + "[" + std::to_string(i) + "]", depth + 1));
    out.set(key, children);
  }
  if (has(spec, "facet") || has(spec, "repeat")) {
    if (!has(spec, "spec"))
      fail(path,
           std::string(has(spec, "facet") ? "facet" : "repeat") + " needs \"spec\", the view to draw for each part");
    out.set("spec", annotate_paths(ctx, spec["spec"], path + ".spec", depth + 1));
  }
  for (auto key : {"encoding", "config", "projection", "resolve"})
    if (has(spec, key) && !spec[key].is_object() && !spec[key].is_null()) fail(path + "." + key, "must be an object");
  for (auto key : {"transform", "params"})
    if (has(spec, key) && !spec[key].is_array() && !spec[key].is_null()) fail(path + "." + key, "must be a list");
  ctx.transforms += spec["transform"].items().size();
  if (ctx.transforms > kMaxTransforms)
    fail(path + ".transform", "more than " + std::to_string(kMaxTransforms) + " transforms in one specification");
  if (has(spec, "mark")) {
    auto const& mark = spec["mark"];
    auto const type = mark_type(mark);
    if (mark_index(type) < 0 && !one_of(type, {"boxplot", "errorbar", "errorband"}))
      fail(path + ".mark", type.empty() ? "must be the name of a mark or an object with \"type\"" : unknown_mark(type));
  }
  return out;
}

Value normalize(Context& ctx, Value const& spec, Value const& config) {
  auto view = annotate_paths(ctx, spec, "$", 0);
  view = normalize_old_spellings(ctx, view);
  view = normalize_selection_compat(ctx, view);
  NormalizeParams params;
  params.config = config;
  view = normalize_core(ctx, view, params);
  view = normalize_top_level_selections(ctx, view);
  ctx.path = "$";
  auto const autosize = [&] {
    Value with = view;
    with.set("autosize", spec["autosize"]);
    return normalize_autosize(ctx, with, spec["width"], spec["height"], config);
  }();
  if (autosize.truthy()) view.set("autosize", autosize);
  return view;
}

}  // namespace cml::vega::lite

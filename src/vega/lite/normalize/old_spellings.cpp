// Words of Vega-Lite 2 to 4 that version 5 removed, put as today's. Version 6 would ignore them without a
// word.
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/normalize.hpp"

namespace cml::vega::lite {
namespace {

// scale.rangeStep (until 3): the step of a discrete axis is the view's size now.
void move_range_step(Context& ctx, Value& view, std::string_view channel) {
  auto const step = view["encoding"][channel]["scale"]["rangeStep"];
  if (!step.defined()) return;
  auto const size = size_channel(channel);
  ctx.warn(message::old_spelling("rangeStep", std::string(size) + ": {\"step\": ...}"));
  view.member("encoding").member(channel).member("scale").erase("rangeStep");
  if (step.is_number() && !has(view, size)) view.set(size, Value::object({{"step", step}}));
}

// band (4): the share of the band that a bar takes, or where in the band a point stands.
void move_band(Context& ctx, Value& view, std::string_view channel) {
  auto const band = view["encoding"][channel]["band"];
  if (!band.is_number()) return;
  auto const size = size_channel(channel);
  auto& def = view.member("encoding").member(channel);
  def.erase("band");
  if (!is_rect_mark(mark_type(view["mark"]))) {
    ctx.warn(message::old_spelling("band", "bandPosition"));
    if (!has(def, "bandPosition")) def.set("bandPosition", band);
    return;
  }
  ctx.warn(message::old_spelling("band", "the mark's " + std::string(size) + ": {\"band\": ...}"));
  Value mark = to_mark_def(view["mark"]);
  if (!has(mark, size)) mark.set(size, Value::object({{"band", band}}));
  view.set("mark", mark);
}

}  // namespace

Value normalize_old_spellings(Context& ctx, Value const& spec) {
  if (spec[kPathKey].is_string()) ctx.path = spec[kPathKey].string();
  Value view = spec;
  for (auto channel : kPositionScaleChannels) {
    move_range_step(ctx, view, channel);
    if (has(view, "mark")) move_band(ctx, view, channel);
    // stack: "none" (2) is null now.
    if (is(view["encoding"][channel]["stack"], "none")) {
      ctx.warn(message::old_spelling("none", "null"));
      view.member("encoding").member(channel).set("stack", nullptr);
    }
  }
  for (auto key : {"layer", "concat", "hconcat", "vconcat"}) {
    if (!has(view, key)) continue;
    Array children;
    for (auto const& child : view[key].items()) children.push_back(normalize_old_spellings(ctx, child));
    view.set(key, children);
  }
  if (view["spec"].is_object()) view.set("spec", normalize_old_spellings(ctx, view["spec"]));
  return view;
}

Value normalize_old_config(Context& ctx, Value config) {
  if (auto const cell = config["cell"]; cell.is_object()) {  // Until 2.
    ctx.warn(message::old_spelling("config.cell", "config.view"));
    config.set("view", spread({cell, config["view"]}));
    config.erase("cell");
  }
  if (auto const step = config["scale"]["rangeStep"]; step.defined()) {  // Until 3.
    ctx.warn(message::old_spelling("config.scale.rangeStep", "config.view.step"));
    config.member("scale").erase("rangeStep");
    if (step.is_number() && !has(config["view"], "step")) config.member("view").set("step", step);
  }
  // Until 4 "filter" or null, in version 2 a boolean.
  bool const shown =
      (config.has("invalidValues") && config["invalidValues"].is_null()) || is_false(config["filterInvalid"]);
  if (config.has("invalidValues") || config.has("filterInvalid")) {
    ctx.warn(message::old_spelling(config.has("invalidValues") ? "config.invalidValues" : "config.filterInvalid",
                                   "config.mark.invalid"));
    config.erase("invalidValues");
    config.erase("filterInvalid");
    if (shown && !config["mark"].has("invalid")) config.member("mark").set("invalid", nullptr);
  }
  return config;
}

}  // namespace cml::vega::lite

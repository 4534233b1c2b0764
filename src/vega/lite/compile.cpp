#include "vega/lite/compile.hpp"

#include "vega/lite/config.hpp"
#include "vega/lite/data/data.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/model/model.hpp"
#include "vega/lite/normalize/normalize.hpp"
#include "vega/lite/projection/projection.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

Value settle_autosize(Model& m, Value autosize) {
  if (!autosize.truthy()) {
    autosize = Value::object({{"type", "pad"}});
    for (auto const& [channel, axes] : m.component.axes)
      for (auto const& axis : axes)
        if (is_signal_ref(axis->explicit_props["orient"])) autosize.set("resize", true);
  } else if (autosize.is_string()) {
    autosize = Value::object({{"type", autosize}});
  }
  auto const &width = m.component.layout_size.get("width"), &height = m.component.layout_size.get("height");
  if (width.truthy() && height.truthy() && one_of(autosize["type"], {"fit", "fit-x", "fit-y"})) {
    bool const x = is(width, "step"), y = is(height, "step");
    if (x && y) {
      m.ctx.warn(message::fit_dropped(""));
      autosize.set("type", "pad");
    } else if (x || y) {
      m.ctx.warn(message::fit_dropped(x ? "x" : "y"));
      autosize.set("type", x ? "fit-y" : "fit-x");
    }
  }
  return autosize;
}

Value assemble(Model& m, Value const& input, Value const& autosize) {
  auto& ctx = m.ctx;
  auto const data = m.assemble_selection_data(assemble_root_data(ctx, input["datasets"]));
  auto const projections = assemble_projections(m);
  auto const title = m.assemble_title(), style = m.assemble_group_style(), encode = m.assemble_group_encode_entry(true);
  Value out = Value::object({{"$schema", "https://vega.github.io/schema/vega/v6.json"}});
  if (m.description.truthy()) out.set("description", m.description);
  if (autosize.size() != 1)
    out.set("autosize", autosize);
  else if (!is(autosize["type"], "pad"))
    out.set("autosize", autosize["type"]);
  for (auto const* source : {&m.config, &input})
    for (auto key : {"background", "padding"})
      if (has(*source, key)) out.set(key, signal_ref_or_value((*source)[key]));
  Array signals;
  for (auto const& signal : m.assemble_layout_signals()) {
    if (one_of(signal["name"], {"width", "height"}) && has(signal, "value"))
      out.set(signal["name"].string(), signal["value"].to_number());
    else
      signals.push_back(signal);
  }
  if (title.truthy()) out.set("title", title);
  if (style.truthy()) out.set("style", style);
  if (encode.truthy()) out.set("encode", Value::object({{"update", encode}}));
  out.set("data", data);
  if (!projections.empty()) out.set("projections", projections);
  for (auto const& s : m.assemble_selection_top_level_signals({})) signals.push_back(s);
  auto const params = assemble_parameter_signals(input["params"]);
  for (auto const& s : params.items()) signals.push_back(s);
  assign(out, m.assemble_group(signals));
  if (auto const config = strip_and_redirect_config(m.config); config.defined()) out.set("config", config);
  if (input["usermeta"].truthy()) out.set("usermeta", input["usermeta"]);
  return out;
}

}  // namespace

bool is_vega_lite(Value const& spec) {
  if (auto const& schema = spec["$schema"]; schema.is_string()) {
    if (schema.string().find("/vega-lite") != std::string_view::npos) return true;
    if (schema.string().find("/vega/") != std::string_view::npos) return false;
  }
  if (spec["marks"].is_array()) return false;
  for (auto key : {"mark", "layer", "facet", "concat", "hconcat", "vconcat", "repeat", "spec"})
    if (has(spec, key)) return true;
  return false;
}

Result<Value> compile(Value const& spec, CompileOptions const& options, Diagnostics& diagnostics) {
  Context ctx(diagnostics);
  BudgetScope const budget;
  return guarded([&]() -> Result<Value> {
    try {
      if (!spec.is_object()) return Error{ErrorKind::BadInput, "$: a Vega-Lite specification must be an object"};
      if (has(spec, "config") && !spec["config"].is_object() && !spec["config"].is_null())
        return Error{ErrorKind::BadInput, "$.config: must be an object"};
      Value const config = init_config(merge_config({options.config, normalize_old_config(ctx, spec["config"])}));
      Value const view = normalize(ctx, spec, config);
      auto const model = build_model(ctx, view, nullptr, "", {}, config);
      model->parse();
      optimize_data(*model);
      auto const autosize = settle_autosize(*model, view["autosize"]);
      return ctx.settle(assemble(*model, spec, autosize));
    } catch (EngineError const& error) {
      auto out = error.error();
      if (!out.message.empty() && out.message[0] != '$') out.message = ctx.path + ": " + out.message;
      return out;
    }
  });
}

}  // namespace cml::vega::lite

#include "vega/lite/model/model.hpp"

#include "vega/lite/config.hpp"
#include "vega/lite/data/node.hpp"
#include "vega/lite/layoutsize/layoutsize.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/normalize.hpp"
#include "vega/lite/predicate.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

// spacing, columns, align, ... of a composition, with config below what the view says.
Value composition_layout(Value const& spec, Value const& defaults) {
  Value layout{Object()};
  auto const& spacing = defaults["spacing"];
  if (spacing.defined()) layout.set("spacing", spacing);
  bool const wraps = (has(spec, "facet") && !is_facet_mapping(spec["facet"])) || has(spec, "concat");
  if (has(defaults, "columns") && wraps) layout.set("columns", defaults["columns"]);
  if (has(spec, "vconcat")) layout.set("columns", 1);
  for (auto prop : {"align", "bounds", "center", "columns", "spacing"}) {
    if (!has(spec, prop)) continue;
    if (std::string_view(prop) == "spacing" && !spec[prop].is_number()) {
      layout.set(prop, Value::object({{"row", nullish_or(spec[prop]["row"], spacing)},
                                      {"column", nullish_or(spec[prop]["column"], spacing)}}));
    } else {
      layout.set(prop, spec[prop]);
    }
  }
  return layout;
}

Value normalize_transforms(Value const& transforms) {
  Array out;
  for (auto const& t : transforms.items())
    out.push_back(has(t, "filter") ? Value::object({{"filter", map_logical(t["filter"], normalize_predicate)}}) : t);
  return out;
}

}  // namespace

bool AxisComponent::has_part(std::string_view part) const {
  if (part == "axis") return true;
  if (part == "grid" || part == "title") return get(part).truthy();
  return !is_false(get(part)) && !get(part).is_null();
}

Value ProjectedField::assemble() const {
  Value out{Object()};
  out.set("field", replace_path_in_field(field));
  if (!channel.empty()) out.set("channel", channel);
  out.set("type", type);
  if (!geo_channel.empty()) out.set("geoChannel", geo_channel);
  return out;
}

Model::Model(Context& context, ModelKind k, Value const& spec, Model* parent_model, std::string const& given_name,
             Value const& cfg)
    : ctx(context), kind(k), parent(parent_model), config(cfg) {
  path = spec[kPathKey].is_string() ? std::string(spec[kPathKey].string()) : parent ? parent->path : "$";
  ctx.path = path;
  name = spec["name"].is_nullish() ? given_name : spec["name"].to_string();
  auto const& t = spec["title"];
  if (is_text(t))
    title = Value::object({{"text", t}});
  else if (t.truthy())
    title = replace_expr_refs(t);
  data = spec["data"];
  description = spec["description"];
  transforms = normalize_transforms(spec["transform"]);
  layout =
      is_unit() || is_layer() ? Value(Object()) : composition_layout(spec, config[is_facet() ? "facet" : "concat"]);
  component.data.faceted = has(spec, "facet") || (parent && parent->component.data.faceted && !has(spec, "data"));
  if (!is_unit()) {
    auto const& resolve = spec["resolve"];
    for (auto const& [key, target] : {std::pair{"scale", &component.scale_resolve},
                                      {"axis", &component.axis_resolve},
                                      {"legend", &component.legend_resolve}})
      if (resolve[key].is_object()) *target = resolve[key];
  }
}

bool Model::has_projection() const {
  if (mark() == "geoshape") return true;
  for (auto channel : kGeoChannels)
    if (is_field_or_datum_def(encoding[channel])) return true;
  return false;
}
Value const& Model::typed_field_def(std::string_view channel) const {
  static Value const none;
  auto const& def = field_def(channel);
  return is_typed_field_def(def) ? def : none;
}
std::string Model::vg_field_of(std::string_view channel, FieldOptions const& options) const {
  auto const& def = field_def(channel);
  return def.defined() ? vg_field(def, options) : std::string();
}

std::string Model::get_name(std::string_view text) const {
  if (name.empty()) return var_name(text);
  std::string full = name;
  return var_name(full.append("_").append(text));
}
std::string Model::data_name(DataSource type) const {
  constexpr std::string_view kNames[] = {
      "raw", "main", "row", "column", "lookup", "prefilterinvalid", "postfilterinvalid"};
  return get_name(kNames[static_cast<int>(type)]);
}
std::string Model::request_data_name(DataSource type) const {
  auto const full = data_name(type);
  ++ctx.data->references[full];
  return full;
}
std::string Model::lookup_data_source(std::string const& source) const {
  auto const found = ctx.data->outputs.find(source);
  return found == ctx.data->outputs.end() ? source : found->second->get_source();
}

Value Model::size_signal_ref(std::string_view size_type) {
  if (parent && parent->is_facet()) {
    auto const channel = layout_channel(size_type);
    auto const scale = component.scales.get(channel);
    if (scale && !scale->merged && has_discrete_domain(scale->get("type")) && is_step(scale->get("range"))) {
      auto const field = field_of_domain(ctx, assemble_domain(*this, channel));
      if (field.defined()) {
        auto const distinct = vg_field(Value::object({{"aggregate", "distinct"}, {"field", field}}), {.expr = "datum"});
        return signal_ref(size_expression(scale->get("name").to_string(), *scale, distinct));
      }
      ctx.warn(message::unknown_field_for_size(channel));
      return nullptr;
    }
  }
  return signal_ref(ctx.signal_names.get(get_name(size_type)));
}

std::string Model::scale_name(std::string_view channel) const {
  auto const full = get_name(channel);
  if (component.scales.find(channel) || ctx.scale_names.has(full)) return ctx.scale_names.get(full);
  return {};
}
std::string Model::projection_name() const {
  auto const full = get_name("projection");
  if ((component.projection && !component.projection->merged) || ctx.projection_names.has(full))
    return ctx.projection_names.get(full);
  return {};
}
ScaleComponent* Model::scale_component(std::string_view channel) const {
  for (auto const* m = this; m; m = m->parent)
    if (auto const* local = m->component.scales.find(channel); local && *local && !(*local)->merged)
      return local->get();
  return nullptr;
}
Value Model::scale_type(std::string_view channel) const {
  auto const* scale = scale_component(channel);
  return scale ? scale->get("type") : Value();
}
SelectionComponent* Model::selection_component(std::string const& variable) const {
  for (auto const* m = this; m; m = m->parent)
    if (auto const* found = m->component.selection.find(variable)) return found->get();
  return nullptr;
}

std::unique_ptr<Model> build_model(Context& ctx, Value const& spec, Model* parent, std::string const& given_name,
                                   std::shared_ptr<Value> const& given_size, Value const& config) {
  bool const in_layer = parent && parent->is_layer();
  auto const kind = has(spec, "facet") && !in_layer ? ModelKind::Facet
                    : has(spec, "layer")            ? ModelKind::Layer
                    : has(spec, "mark")             ? ModelKind::Unit
                    : (has(spec, "concat") || has(spec, "hconcat") || has(spec, "vconcat")) && !in_layer
                        ? ModelKind::Concat
                        : (fail_invalid_view(ctx, spec), ModelKind::Unit);
  auto model = std::make_unique<Model>(ctx, kind, spec, parent, given_name, config);
  switch (kind) {
    case ModelKind::Unit:
      init_unit_model(*model, spec, given_size);
      break;
    case ModelKind::Facet:
      init_facet_model(*model, spec);
      break;
    case ModelKind::Layer: {
      model->view = replace_expr_refs(spec["view"]);
      auto const size = std::make_shared<Value>(given_size ? *given_size : Value(Object()));
      for (auto key : {"width", "height"})
        if (spec[key].truthy()) size->set(key, spec[key]);
      std::size_t i = 0;
      for (auto const& child : spec["layer"].items())
        model->children.push_back(
            build_model(ctx, child, model.get(), model->get_name("layer_" + std::to_string(i++)), size, config));
      break;
    }
    case ModelKind::Concat: {
      auto const& resolve = spec["resolve"]["axis"];
      if (is(resolve["x"], "shared") || is(resolve["y"], "shared")) ctx.warn(message::concat_cannot_share_axes());
      auto const key = has(spec, "vconcat") ? "vconcat" : has(spec, "hconcat") ? "hconcat" : "concat";
      std::size_t i = 0;
      for (auto const& child : spec[key].items())
        model->children.push_back(
            build_model(ctx, child, model.get(), model->get_name("concat_" + std::to_string(i++)), {}, config));
      break;
    }
  }
  return model;
}

}  // namespace cml::vega::lite

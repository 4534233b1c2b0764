// Which fields a selection is about, from its channels, its fields, or its initial value.
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {
namespace {

void parse(Model& m, SelectionComponent& s, Value& def) {
  Strings used;
  auto const signal_name = [&](std::string const& suffix) {
    auto name = var_name(s.name + "_" + suffix);
    for (int i = 1; contains(used, name); ++i) name = var_name(s.name + "_" + suffix + "_" + std::to_string(i));
    used.push_back(name);
    return name;
  };
  auto const& config = m.config["selection"][s.type.string()];
  bool const has_init = has(def, "value");
  Array const init = as_array(def["value"]);
  Value fields = def["select"]["fields"], encodings = def["select"]["encodings"];
  if (!fields.truthy() && !encodings.truthy()) {
    for (auto const& value : init) {
      for (auto const& [key, ignored] : value.properties()) {
        if (is_single_def_unit_channel(key)) {
          encodings.push(Value(key));
        } else if (is_type(s, "interval")) {
          m.ctx.warn(message::interval_value_needs_channels());
          encodings = config["encodings"];
        } else {
          fields.push(Value(key));
        }
      }
    }
  }
  if (!fields.truthy() && !encodings.truthy()) {
    encodings = config["encodings"];
    if (config.has("fields")) fields = config["fields"];
  }
  for (auto const& c : as_array(encodings)) {
    std::string const channel(c.string_or(""));
    auto const& field_def = m.field_def(channel);
    if (!field_def.defined() || (!field_def["aggregate"].truthy() && !field_def["field"].truthy())) {
      m.ctx.warn(message::projected_channel_without_field(channel));
      continue;
    }
    if (field_def["aggregate"].truthy()) {
      m.ctx.warn(message::projected_channel_aggregated(channel, field_def["aggregate"].string_or("?")));
      continue;
    }
    auto field = field_name(field_def);
    if (field_def["timeUnit"].truthy() && !is_binned_time_unit(field_def["timeUnit"])) {
      field = m.vg_field_of(channel);
      Value const component =
          Value::object({{"timeUnit", field_def["timeUnit"]}, {"as", Value(field)}, {"field", field_def["field"]}});
      s.time_units.set(stringify(component), component);
    }
    if (s.has_field.count(field)) continue;
    auto p = std::make_shared<ProjectedField>();
    p->field = field;
    p->channel = channel;
    bool const continuous =
        is_type(s, "interval") && is_scale_channel(channel) && has_continuous_domain(m.scale_type(channel));
    p->type = continuous ? "R" : field_def["bin"].truthy() ? "R-RE" : "E";
    p->index = s.items.size();
    p->data_signal = signal_name(field);
    p->visual_signal = signal_name(channel);
    s.items.push_back(p);
    s.has_field[field] = p;
    s.has_selection_id = s.has_selection_id || field == kSelectionId;
    if (is_geo(channel)) {
      p->geo_channel = channel;
      p->channel = position_of_geo(channel);
    }
    if (!s.has_channel.count(p->channel)) s.channel_order.push_back(p->channel);
    s.has_channel[p->channel] = p;
  }
  for (auto const& f : as_array(fields)) {
    auto const field = f.to_string();
    if (s.has_field.count(field)) continue;
    auto p = std::make_shared<ProjectedField>();
    p->field = field;
    p->type = "E";
    p->index = s.items.size();
    p->data_signal = signal_name(field);
    s.items.push_back(p);
    s.has_field[field] = p;
    s.has_selection_id = s.has_selection_id || field == kSelectionId;
  }
  if (!has_init) return;
  Array tuples;
  for (auto const& value : init) {
    Array tuple;
    for (auto const& p : s.items) {
      auto const& channel = p->geo_channel.empty() ? p->channel : p->geo_channel;
      if (!value.is_object())
        tuple.push_back(value);
      else
        tuple.push_back(!channel.empty() && has(value, channel) ? value[channel] : value[p->field]);
    }
    tuples.emplace_back(tuple);
  }
  s.init = tuples;
}

Array signals(Model&, SelectionComponent& s, Array list) {
  auto const name = operator_name(s, kTupleFields);
  if (s.has_selection_id || find_signal(list, name)) return list;
  Array items;
  for (auto const& p : s.items) items.push_back(p->assemble());
  list.push_back(Value::object({{"name", Value(name)}, {"value", items}}));
  return list;
}

}  // namespace

SelectionCompiler const kProjectSelection{[](SelectionComponent const&) { return true; }, parse, signals};

std::string init_expression(Context& ctx, Value const& init, std::function<std::string(std::string)> const& wrap) {
  auto const wrapped = [&](std::string text) { return wrap ? wrap(std::move(text)) : text; };
  if (init.is_array()) {
    Strings parts;
    for (auto const& v : init.items()) parts.push_back(init_expression(ctx, v, wrap));
    return "[" + join(parts, ", ") + "]";
  }
  if (is_date_time(init)) return wrapped(date_time_expression(ctx, init));
  return wrapped(init.defined() ? stringify(init) : "undefined");
}
Value init_value(Context& ctx, Value const& init) {
  if (init.is_array()) {
    Array out;
    for (auto const& v : init.items()) out.push_back(init_value(ctx, v));
    return out;
  }
  return is_date_time(init) ? Value(date_time_timestamp(ctx, init)) : init;
}

}  // namespace cml::vega::lite

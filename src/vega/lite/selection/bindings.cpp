// Selections bound to input widgets, to scales (pan and zoom), and to legends.
#include "vega/lite/event_selector.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"

namespace cml::vega::lite {
namespace {

Value on(Value const& events, std::string const& update, bool force = false) {
  Value out = Value::object({{"events", events}, {"update", Value(update)}});
  if (force) out.set("force", true);
  return out;
}

// --- inputs ---

bool binds_inputs(SelectionComponent const& s) {
  return is_type(s, "point") && is_global(s) && s.bind.truthy() && !is(s.bind, "scales") && !is_legend_binding(s.bind);
}
void parse_inputs(Model&, SelectionComponent& s, Value& def) { disable_direct_manipulation(s, def["select"]); }

Array input_top_level(Model&, SelectionComponent& s, Array list) {
  auto const init = s.init.at(0);
  std::string const datum = kNearestSelection.defined(s) ? "(item().isVoronoi ? datum.datum : datum)" : "datum";
  for (std::size_t i = 0; i < s.items.size(); ++i) {
    auto const& p = *s.items[i];
    auto const name = var_name(s.name + "_" + p.field);
    if (find_signal(list, name)) continue;
    Value signal = Value::object({{"name", Value(name)}});
    if (init.truthy())
      signal.set("init", stringify(init.at(i)));
    else
      signal.set("value", nullptr);
    Array events;
    if (s.events.defined())
      events.push_back(
          on(s.events, "datum && item().mark.marktype !== 'group' ? " + datum + "[" + quoted(p.field) + "] : null"));
    signal.set("on", events);
    signal.set("bind",
               nullish_or(s.bind[p.field], nullish_or(p.channel.empty() ? Value() : s.bind[p.channel], s.bind)));
    list.insert(list.begin(), signal);
  }
  return list;
}
Array input_signals(Model&, SelectionComponent& s, Array list) {
  auto* tuple = find_signal(list, operator_name(s, kTuple));
  if (!tuple) return list;
  Strings values, valid;
  for (auto const& p : s.items) {
    values.push_back(var_name(s.name + "_" + p->field));
    valid.push_back(values.back() + " !== null");
  }
  if (!values.empty())
    tuple->set("update", join(valid, " && ") + " ? {fields: " + operator_name(s, kTupleFields) + ", values: [" +
                             join(values, ", ") + "]} : null");
  tuple->erase("value");
  tuple->erase("on");
  return list;
}

// --- scales ---

bool binds_scales(SelectionComponent const& s) {
  return is_type(s, "interval") && is_global(s) && is(s.bind, "scales");
}

void parse_scales_binding(Model& m, SelectionComponent& s, Value&) {
  for (auto const& p : s.items) {
    if (!is_scale_channel(p->channel)) continue;
    auto* scale = m.scale_component(p->channel);
    if (!scale || !has_continuous_domain(scale->get("type"))) {
      m.ctx.warn(message::scale_binding_needs_continuous());
      continue;
    }
    scale->set("selectionExtent", Value::object({{"param", Value(s.name)}, {"field", Value(p->field)}}), true);
    s.scales.push_back(p);
  }
}
Array scale_top_level(Model& m, SelectionComponent& s, Array list) {
  std::vector<ProjectedField const*> bound;
  for (auto const& p : s.scales)
    if (!find_signal(list, p->data_signal)) bound.push_back(p.get());
  if (!m.parent || is_top_level_layer(m) || bound.empty()) return list;
  auto* named = find_signal(list, s.name);
  if (!named) return list;
  auto const mapping = [](ProjectedField const& p) {
    return quoted(replace_path_in_field(p.field)) + ": " + p.data_signal;
  };
  auto update = (*named)["update"].to_string();
  if (update.find("vlSelectionResolve") != std::string::npos) {
    Strings parts;
    for (auto const* p : bound) parts.push_back(mapping(*p));
    update = "{" + join(parts, ", ") + "}";
  } else {
    for (auto const* p : bound)
      if (update.find(mapping(*p)) == std::string::npos)
        update = update.substr(0, update.size() - 1) + ", " + mapping(*p) + "}";
  }
  named->set("update", update);
  for (auto const* p : bound) list.push_back(Value::object({{"name", Value(p->data_signal)}}));
  return list;
}
Array scale_signals(Model& m, SelectionComponent& s, Array list) {
  if (!m.parent || is_top_level_layer(m)) return list;
  for (auto const& p : s.scales) {
    auto* signal = find_signal(list, p->data_signal);
    if (!signal) continue;
    signal->set("push", "outer");
    signal->erase("value");
    signal->erase("update");
  }
  return list;
}

// --- legends ---

bool wants_legend(SelectionComponent const& s) { return is_global(s) && is_legend_binding(s.bind); }
bool binds_legend(SelectionComponent const& s) {
  return wants_legend(s) && s.items.size() == 1 && s.items[0]->field != kSelectionId;
}
void parse_legend_binding(Model&, SelectionComponent& s, Value& def) {
  Value select = def["select"].is_string() ? Value::object({{"type", def["select"]}}) : def["select"];
  select.set("toggle", s.toggle);
  disable_direct_manipulation(s, select);
  if (def["select"].is_object() && (def["select"]["on"].truthy() || def["select"]["clear"].truthy()) &&
      s.events.is_array()) {
    Value const filter = "event.item && indexof(event.item.mark.role, \"legend\") < 0";
    for (auto& event : s.events.mutable_items()) {
      Array filters = as_array(event["filter"]);
      bool known = false;
      for (auto const& f : filters) known = known || f == filter;
      if (!known) filters.push_back(filter);
      event.set("filter", filters);
    }
  }
  auto const events = s.bind.is_object() ? s.bind["legend"] : Value("click");
  Value const stream = events.is_string() ? parse_event_selector(events.string(), "view") : Value(as_array(events));
  s.bind = Value::object({{"legend", Value::object({{"merge", stream}})}});
}
Array legend_top_level(Model&, SelectionComponent& s, Array list) {
  auto const& merge = s.bind["legend"]["merge"];
  for (auto const& p : s.items) {
    if (!p->has_legend) continue;
    auto const prefix = var_name(p->field) + "_legend", name = s.name + "_" + prefix;
    if (find_signal(list, name)) continue;
    Array events;
    for (auto part : {"_symbols", "_labels", "_entries"})
      for (Value event : merge.items()) {
        event.set("markname", prefix + part);
        events.push_back(event);
      }
    Value signal = Value::object({{"name", Value(name)}});
    if (!s.init.defined()) signal.set("value", nullptr);
    signal.set(
        "on",
        Value::array({on(events, "isDefined(datum.value) ? datum.value : item().items[0].items[0].datum.value", true),
                      on(merge, "!event.item || !datum ? null : " + name, true)}));
    list.insert(list.begin(), signal);
  }
  return list;
}
Array legend_signals(Model&, SelectionComponent& s, Array list) {
  Strings values, valid;
  for (auto const& p : s.items) {
    if (!p->has_legend) continue;
    values.push_back(var_name(s.name + "_" + var_name(p->field) + "_legend"));
    valid.push_back(values.back() + " !== null");
  }
  auto const update = join(valid, " && ") + " ? {fields: " + operator_name(s, kTupleFields) + ", values: [" +
                      join(values, ", ") + "]} : null";
  if (auto* tuple = find_signal(list, operator_name(s, kTuple)); tuple && !values.empty()) {
    if (s.events.defined()) {
      Array events;
      for (auto const& v : values) events.push_back(signal_ref(v));
      tuple->member("on").push(on(events, update));
    } else {
      tuple->set("update", update);
      tuple->erase("value");
      tuple->erase("on");
    }
  }
  auto const& events = s.bind["legend"];
  if (auto* toggle = find_signal(list, operator_name(s, kToggle)); toggle && (*toggle)["on"].size()) {
    auto& handlers = toggle->member("on").mutable_items();
    if (!s.events.defined()) {
      handlers[0].set("events", events);
    } else {
      Value copy = handlers[0];
      copy.set("events", events);
      handlers.push_back(copy);
    }
  }
  return list;
}

}  // namespace

SelectionCompiler const kInputBinding{binds_inputs, parse_inputs, input_signals, input_top_level};
SelectionCompiler const kScaleBinding{binds_scales, parse_scales_binding, scale_signals, scale_top_level};
SelectionCompiler const kLegendBinding{binds_legend, parse_legend_binding, legend_signals, legend_top_level};

void parse_interactive_legend(Model& m, std::string_view channel, LegendComponent& legend) {
  auto const& field = m.field_def(channel)["field"];
  for (auto const& [name, s] : m.component.selection) {
    std::shared_ptr<ProjectedField> p;
    if (auto const by_field = s->has_field.find(field.to_string()); field.defined() && by_field != s->has_field.end())
      p = by_field->second;
    else if (auto const by_channel = s->has_channel.find(std::string(channel)); by_channel != s->has_channel.end())
      p = by_channel->second;
    if (!p) continue;
    if (!binds_legend(*s)) {
      if (wants_legend(*s)) m.ctx.warn(message::legend_binding_needs_one_field());
      continue;
    }
    Value selections = legend.get("selections");
    selections.push(Value(s->name));
    legend.set("selections", selections, false);
    p->has_legend = true;
  }
}

}  // namespace cml::vega::lite

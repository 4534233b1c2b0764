#include "vega/expr/order.hpp"
#include "vega/lite/event_selector.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/predicate.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

constexpr SelectionCompiler const* kCompilers[] = {
    &kPointSelection, &kIntervalSelection, &kProjectSelection,   &kToggleSelection, &kInputBinding,    &kScaleBinding,
    &kLegendBinding,  &kClearSelection,    &kTranslateSelection, &kZoomSelection,   &kNearestSelection};

}  // namespace

void parse_unit_selections(Model& m) {
  m.ctx.path = m.path;
  int timers = 0;
  for (auto const& def : m.selection_params) {
    auto const& select = def["select"];
    auto const type = select.is_string() ? select : select["type"];
    if (!one_of(type, {"point", "interval"}))
      fail(m.path + ".params", "unknown selection type " + stringify(type.defined() ? type : Value(nullptr)) +
                                   " of \"" + def["name"].to_string() + "\"; use point or interval");
    auto s = std::make_shared<SelectionComponent>();
    s->name = var_name(def["name"].to_string());
    s->type = type;
    Value settings = select.is_object() ? select : Value::object({{"type", type}});
    for (auto const& [key, value] : m.config["selection"][type.string()].properties()) {
      if (key == "fields" || key == "encodings") continue;
      if (key == "mark") settings.set("mark", spread({value, settings["mark"]}));
      if (!settings[key.view()].defined() || is_true(settings[key.view()]))
        settings.set(key, nullish_or(value, settings[key.view()]));
    }
    s->resolve = settings["resolve"];
    s->toggle = settings["toggle"];
    s->clear = settings["clear"];
    s->translate = settings["translate"];
    s->zoom = settings["zoom"];
    s->mark = settings["mark"];
    s->nearest = settings["nearest"];
    s->on = settings["on"];
    s->bind = def["bind"];
    s->events = s->on.is_string() ? parse_event_selector(s->on.string(), "scope") : Value(as_array(s->on));
    if (is_timer_selection(*s) && ++timers > 1) continue;
    m.component.selection[s->name] = s;
    Value copy = def;
    for (auto const* compiler : kCompilers)
      if (compiler->parse && compiler->defined(*s)) compiler->parse(m, *s, copy);
  }
  if (timers > 1) m.ctx.warn(message::one_timer_per_view());
}

bool is_timer_selection(SelectionComponent const& s) {
  for (auto const& e : s.events.items())
    if (is(e["type"], "timer")) return true;
  return false;
}
bool is_legend_binding(Value const& bind) { return is(bind, "legend") || bind["legend"].truthy(); }

void disable_direct_manipulation(SelectionComponent& s, Value const& select) {
  if (select.is_string() || !select["on"].truthy()) s.events = Value();
  if (select.is_string() || !select["clear"].truthy()) s.clear = Value();
  if (select.is_string() || !select["toggle"].truthy()) s.toggle = Value();
}

std::string unit_name(Model const& m, bool escape) {
  auto name = escape ? quoted(m.name) : m.name;
  auto const* facet = m.parent;
  while (facet && !facet->is_facet()) facet = facet->parent;
  if (!facet) return name;
  for (auto channel : kFacetChannels)
    if (facet->facet[channel].truthy())
      name += " + '__facet_" + std::string(channel) + "_' + (facet[" + quoted(facet->vg_field_of(channel)) + "])";
  return name;
}

bool is_top_level_layer(Model const& m) {
  return m.parent && m.parent->is_layer() && (!m.parent->parent || is_top_level_layer(*m.parent->parent));
}

// --- Use in conditions
// ------------------------------------------------------------------------------------------------

std::string selection_predicate(Model& m, Value const& predicate, DataNode* node) {
  auto const name = predicate.is_string() ? predicate.to_string() : predicate["param"].to_string();
  auto const variable = var_name(name);
  auto const* s = m.selection_component(variable);
  if (!s) return "!!" + variable;
  auto const store = quoted(variable + std::string(kStore));
  if (s->time_units.defined()) {
    auto* child = node ? node : m.component.data.raw;
    OrderedMap<Value> units;
    for (auto const& [key, unit] : s->time_units.properties()) units[key] = unit;
    auto* time_unit = make_node<TimeUnitNode>(m.ctx, nullptr, units);
    if (child && child->parent)
      time_unit->insert_as_parent_of(child);
    else if (child)
      child->set_parent(time_unit);
  }
  auto const test = std::string(s->has_selection_id ? "vlSelectionIdTest(" : "vlSelectionTest(") + store + ", datum" +
                    (is_global(*s) ? ")" : ", " + string_value(s->resolve) + ")");
  auto const length = "length(data(" + store + "))";
  return is_false(predicate["empty"]) ? length + " && " + test : "!" + length + " || " + test;
}

std::string condition_expression(Model& m, Value const& op, DataNode* node) {
  return logical_expression(op, [&](Value const& p) {
    if (p.is_string()) return p.to_string();
    if (has(p, "param")) return selection_predicate(m, p, node);
    return field_predicate_expression(m.ctx, p);
  });
}

FilterNode* make_filter(Model& m, DataNode* parent, Value const& filter) {
  auto* node = make_node<FilterNode>(m.ctx, parent, "");
  node->expression = condition_expression(m, filter, node);
  return node;
}

void materialize_selections(Model& m, OutputNode* main) {
  for (auto const& [name, s] : m.component.selection) {
    auto const lookup = m.get_name("lookup_" + name);
    auto* filter = make_filter(m, main, Value::object({{"param", Value(name)}}));
    auto* output = make_node<OutputNode>(m.ctx, filter, m.ctx, lookup, DataSource::Lookup);
    m.ctx.data->outputs[lookup] = output;
    s->materialized = output;
  }
}

std::string selection_extent(Model& m, std::string const& name, Value const& extent) {
  auto const variable = var_name(name);
  auto const* s = m.selection_component(variable);
  if (!s || s->items.empty()) return variable;
  auto const& encoding = extent["encoding"];
  std::string field = extent["field"].truthy() ? extent["field"].to_string() : "";
  if (field.empty()) {
    field = s->items[0]->field;
    if (!encoding.truthy()) {
      if (s->items.size() > 1) m.ctx.warn(message::extent_needs_field(field));
    } else {
      std::vector<ProjectedField const*> matching;
      for (auto const& item : s->items)
        if (is(encoding, item->channel)) matching.push_back(item.get());
      if (matching.size() == 1)
        field = matching[0]->field;
      else
        m.ctx.warn(message::extent_encoding_ambiguous(encoding.to_string(), name, field));
    }
  }
  return s->name + "[" + quoted(replace_path_in_field(field)) + "]";
}

Value selection_scale_domain(Model& m, Value const& extent, ScaleComponent const& scale, Value const& domain) {
  auto const text = selection_extent(m, extent["param"].to_string(), extent);
  bool const reversed = has_continuous_domain(scale.get("type")) && domain.is_array() && domain.size() > 1 &&
                        ascending(domain.at(0), domain.at(1)) > 0;
  return signal_ref(reversed ? "isValid(" + text + ") && reverse(" + text + ")" : text);
}

// --- Assembly
// -----------------------------------------------------------------------------------------------------------

namespace {
Array drop_empty_on(Array signals) {
  for (auto& s : signals)
    if (s["on"].is_array() && s["on"].size() == 0) s.erase("on");
  return signals;
}
}  // namespace

Array assemble_unit_selection_signals(Model& m) {
  Array signals;
  for (auto const& [key, s] : m.component.selection) {
    auto modify = operator_name(*s, kTuple) + ", " + (is_global(*s) ? "true" : "{unit: " + unit_name(m) + "}");
    for (auto const* compiler : kCompilers) {
      if (!compiler->defined(*s)) continue;
      if (compiler->signals) signals = compiler->signals(m, *s, std::move(signals));
      if (compiler->modify) modify = compiler->modify(m, *s, modify);
    }
    signals.push_back(Value::object(
        {{"name", Value(operator_name(*s, kModify))},
         {"on", Value::array({Value::object(
                    {{"events", signal_ref(operator_name(*s, kTuple))},
                     {"update", Value("modify(" + quoted(operator_name(*s, kStore)) + ", " + modify + ")")}})})}}));
  }
  return drop_empty_on(std::move(signals));
}

Array assemble_facet_signals(Model& m) {
  if (m.component.selection.empty()) return {};
  return {Value::object(
      {{"name", "facet"},
       {"value", Value(Object())},
       {"on", Value::array({Value::object({{"events", parse_event_selector("pointermove", "scope")},
                                           {"update", Value("isTuple(facet) ? facet : group(" +
                                                            quoted(m.get_name("cell")) + ").datum")}})})}})};
}

Array assemble_top_level_signals(Model& m, Array signals) {
  for (auto const& [key, s] : m.component.selection) {
    if (!find_signal(signals, s->name)) {
      auto const resolve = is_global(*s) ? Value("union") : s->resolve;
      signals.push_back(
          Value::object({{"name", Value(s->name)},
                         {"update", Value("vlSelectionResolve(" + quoted(operator_name(*s, kStore)) + ", " +
                                          string_value(resolve) + (is_type(*s, "point") ? ", true, true)" : ")"))}}));
    }
    for (auto const* compiler : kCompilers)
      if (compiler->top_level_signals && compiler->defined(*s))
        signals = compiler->top_level_signals(m, *s, std::move(signals));
  }
  if (!m.component.selection.empty() && !find_signal(signals, "unit"))
    signals.insert(
        signals.begin(),
        Value::object({{"name", "unit"},
                       {"value", Value(Object())},
                       {"on", Value::array({Value::object(
                                  {{"events", "pointermove"}, {"update", "isTuple(group()) ? group() : unit"}})})}}));
  return drop_empty_on(std::move(signals));
}

Array assemble_unit_selection_data(Model& m, Array data) {
  Array stores, animations;
  auto const unit = unit_name(m, false);
  for (auto const& [key, s] : m.component.selection) {
    auto const name = operator_name(*s, kStore);
    Value store = Value::object({{"name", Value(name)}});
    if (s->has_selection_id)
      store.set("transform", Value::array({Value::object(
                                 {{"type", "collect"}, {"sort", Value::object({{"field", Value(kSelectionId)}})}})}));
    if (s->init.defined()) {
      Array fields, values;
      for (auto const& item : s->items) fields.push_back(item->assemble());
      for (auto const& tuple : s->init.items()) {
        Value entry = Value::object({{"unit", Value(unit)}});
        auto const assembled = init_value(m.ctx, tuple);
        if (s->has_selection_id) {
          entry.set(kSelectionId, assembled.at(0));
        } else {
          entry.set("fields", fields);
          entry.set("values", assembled);
        }
        values.push_back(entry);
      }
      store.set("values", values);
    }
    bool known = false;
    for (auto const* list : {&stores, &data})
      for (auto const& d : *list) known = known || is(d["name"], name);
    if (!known) stores.push_back(store);
    if (is_timer_selection(*s) && !data.empty()) {
      auto const source = m.lookup_data_source(m.data_name(DataSource::Main));
      for (auto& d : data) {
        if (!is(d["name"], source)) continue;
        auto& transforms = d.member("transform").mutable_items();
        for (std::size_t i = 0; i < transforms.size(); ++i) {
          auto const filter = transforms[i];
          if (!is(filter["type"], "filter") ||
              filter["expr"].string().find("vlSelectionTest") == std::string_view::npos)
            continue;
          transforms.erase(transforms.begin() + static_cast<std::ptrdiff_t>(i));
          animations.push_back(Value::object(
              {{"name", Value(source + "_curr")}, {"source", Value(source)}, {"transform", Value::array({filter})}}));
          break;
        }
        break;
      }
    }
  }
  for (auto& d : data) stores.push_back(std::move(d));
  for (auto& d : animations) stores.push_back(std::move(d));
  return stores;
}

Array assemble_unit_selection_marks(Model& m, Array marks) {
  for (auto const& [key, s] : m.component.selection)
    for (auto const* compiler : kCompilers)
      if (compiler->marks && compiler->defined(*s)) marks = compiler->marks(m, *s, std::move(marks));
  return marks;
}

Value* find_signal(Array& signals, std::string_view name) {
  for (auto& s : signals)
    if (is(s["name"], name)) return &s;
  return nullptr;
}

}  // namespace cml::vega::lite

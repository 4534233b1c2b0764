// Interval selections: the brush, its extent in pixels and in data, and how it is dragged and zoomed.
#include "vega/lite/event_selector.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/selection/selection.hpp"

namespace cml::vega::lite {
namespace {

bool is_interval(SelectionComponent const& s) { return is_type(s, "interval"); }
Value on(Value const& events, std::string const& update) {
  return Value::object({{"events", events}, {"update", Value(update)}});
}

void parse(Model& m, SelectionComponent& s, Value& def) {
  if (m.has_projection()) {
    Value select = def["select"].is_object() ? def["select"] : Value(Object());
    select.set("fields", Value::array({Value(kSelectionId)}));
    if (!select["encodings"].truthy()) {
      Array channels{"longitude", "latitude"};
      if (def["value"].truthy()) {
        channels.clear();
        for (auto const& [key, value] : def["value"].properties()) channels.emplace_back(key);
      }
      select.set("encodings", channels);
    }
    if (!has(select, "type")) select.set("type", "interval");
    def.set("select", select);
  }
  if (!s.translate.truthy() || kScaleBinding.defined(s) || !s.events.is_array()) return;
  Value const filter = "!event.item || event.item.mark.name !== " + quoted(operator_name(s, kBrush));
  for (auto& event : s.events.mutable_items()) {
    if (event["between"].items().empty()) continue;
    auto& start = event.member("between").mutable_items().front();
    Value filters = start["filter"].is_array() ? start["filter"] : Value(as_array(start["filter"]));
    bool known = false;
    for (auto const& f : filters.items()) known = known || f == filter;
    if (!known) filters.push(filter);
    start.set("filter", filters);
  }
}

void channel_signals(Model& m, SelectionComponent& s, ProjectedField const& p, Value const& init, Array& list) {
  bool const projected = m.has_projection();
  auto const scale_name = quoted(projected ? m.projection_name() : m.scale_name(p.channel));
  auto const scaled = [&](std::string const& text) { return "scale(" + scale_name + ", " + text + ")"; };
  auto const size = m.size_signal(p.channel == "x" ? "width" : "height");
  auto const coordinate = p.channel + "(unit)";
  auto const& visual = p.visual_signal;
  Array events;
  for (auto const& event : s.events.items()) {
    if (!event["between"].is_array()) continue;
    events.push_back(on(event["between"].at(0), "[" + coordinate + ", " + coordinate + "]"));
    events.push_back(on(event, "[" + visual + "[0], clamp(" + coordinate + ", 0, " + size + ")]"));
  }
  Value visual_signal = Value::object({{"name", Value(visual)}});
  if (projected) {
    auto const start = s.name + "_init", axis = std::string(p.channel == "x" ? "0" : "1");
    if (init.truthy())
      visual_signal.set("init", "[" + start + "[0][" + axis + "], " + start + "[1][" + axis + "]]");
    else
      visual_signal.set("value", Value(Array()));
    visual_signal.set("on", events);
    list.push_back(visual_signal);
    return;
  }
  auto const& data = p.data_signal;
  if (kScaleBinding.defined(s)) {
    list.push_back(Value::object({{"name", Value(data)}, {"on", Value(Array())}}));
    return;
  }
  bool const continuous = has_continuous_domain(m.scale_type(p.channel));
  events.push_back(on(signal_ref(s.name + "_scale_trigger"),
                      continuous ? "[" + scaled(data + "[0]") + ", " + scaled(data + "[1]") + "]" : "[0, 0]"));
  if (init.truthy())
    visual_signal.set("init", init_expression(m.ctx, init, scaled));
  else
    visual_signal.set("value", Value(Array()));
  visual_signal.set("on", events);
  list.push_back(visual_signal);
  Value data_signal = Value::object({{"name", Value(data)}});
  if (init.truthy()) data_signal.set("init", init_expression(m.ctx, init));
  data_signal.set("on", Value::array({on(signal_ref(visual), visual + "[0] === " + visual + "[1] ? null : invert(" +
                                                                 scale_name + ", " + visual + ")")}));
  list.push_back(data_signal);
}

std::vector<ProjectedField const*> position_channels(SelectionComponent const& s) {
  std::vector<ProjectedField const*> out;
  for (auto const& c : s.channel_order)
    if (is_x_or_y(c)) out.push_back(s.channel(c));
  return out;
}

Array projected_signals(Model& m, SelectionComponent& s, Array list, Value const& init,
                        std::vector<ProjectedField const*> const& channels) {
  auto const projection = quoted(m.projection_name()), center = m.projection_name() + "_center";
  auto const *x = s.channel("x"), *y = s.channel("y");
  auto const width = m.size_signal("width"), height = m.size_signal("height");
  auto const corner = [](ProjectedField const* p, char const* end, std::string const& otherwise) {
    return p ? p->visual_signal + end : otherwise;
  };
  auto const bbox = "[[" + corner(x, "[0]", "0") + ", " + corner(y, "[0]", "0") + "],[" + corner(x, "[1]", width) +
                    ", " + corner(y, "[1]", height) + "]]";
  if (init.truthy()) {
    auto const bound = [&](ProjectedField const* p, std::size_t end, char const* axis) {
      return p ? init.at(p->index).at(end).to_string() : center + axis;
    };
    auto const point = [&](std::size_t end) {
      return "scale(" + projection + ", [" + bound(x, end, "[0]") + ", " + bound(y, end, "[1]") + "])";
    };
    list.insert(list.begin(), Value::object({{"name", Value(s.name + "_init")},
                                             {"init", Value("[" + point(0) + ", " + point(1) + "]")}}));
    if ((!x || !y) && !find_signal(list, center))
      list.insert(
          list.begin(),
          Value::object({{"name", Value(center)},
                         {"update", Value("invert(" + projection + ", [" + width + "/2, " + height + "/2])")}}));
  }
  auto const update = "vlSelectionTuples(intersect(" + bbox + ", {markname: " + quoted(m.get_name("marks")) +
                      "}, unit.mark), {unit: " + unit_name(m) + "})";
  Strings visuals;
  for (auto const* p : channels) visuals.push_back(p->visual_signal);
  Array events;
  if (!visuals.empty()) events.push_back(signal_ref(join(visuals, " || ")));
  if (init.truthy()) events.push_back(signal_ref("geo_interval_init_tick"));
  list.push_back(
      Value::object({{"name", Value(operator_name(s, kTuple))}, {"on", Value::array({on(events, update)})}}));
  return list;
}

Array signals(Model& m, SelectionComponent& s, Array list) {
  auto const channels = position_channels(s);
  Value const init = s.init.at(0);
  for (auto const* p : channels) channel_signals(m, s, *p, init.at(p->index), list);
  if (m.has_projection()) return projected_signals(m, s, std::move(list), init, channels);
  if (!kScaleBinding.defined(s) && !channels.empty()) {
    auto const trigger = s.name + "_scale_trigger";
    Strings tests;
    Array scales;
    for (auto const* p : channels) {
      auto const scale = quoted(m.scale_name(p->channel));
      std::string const number = has_continuous_domain(m.scale_type(p->channel)) ? "+" : "";
      auto const same = [&](char const* end) {
        return number + "invert(" + scale + ", " + p->visual_signal + ")" + end + " === " + number + p->data_signal +
               end;
      };
      tests.push_back("(!isArray(" + p->data_signal + ") || (" + same("[0]") + " && " + same("[1]") + "))");
      scales.push_back(Value::object({{"scale", Value(m.scale_name(p->channel))}}));
    }
    list.push_back(
        Value::object({{"name", Value(trigger)},
                       {"value", Value(Object())},
                       {"on", Value::array({on(scales, join(tests, " && ") + " ? " + trigger + " : {}")})}}));
  }
  Strings data;
  for (auto const* p : channels) data.push_back(p->data_signal);
  auto const update = "unit: " + unit_name(m) + ", fields: " + operator_name(s, kTupleFields) + ", values";
  Value tuple = Value::object({{"name", Value(operator_name(s, kTuple))}});
  if (init.truthy()) tuple.set("init", "{" + update + ": " + init_expression(m.ctx, init) + "}");
  if (!data.empty())
    tuple.set("on", Value::array({on(Value::array({signal_ref(join(data, " || "))}),
                                     join(data, " && ") + " ? {" + update + ": [" + join(data, ",") + "]} : null")}));
  list.push_back(tuple);
  return list;
}

Array top_level(Model& m, SelectionComponent& s, Array list) {
  if (!m.is_unit() || !m.has_projection() || !s.init.truthy() || find_signal(list, "geo_interval_init_tick"))
    return list;
  list.insert(
      list.begin(),
      Value::object(
          {{"name", "geo_interval_init_tick"},
           {"value", nullptr},
           {"on", Value::array({on("timer{1}", "geo_interval_init_tick === null ? {} : geo_interval_init_tick")})}}));
  return list;
}

Array marks(Model& m, SelectionComponent& s, Array list) {
  auto const *x = s.channel("x"), *y = s.channel("y");
  if (kScaleBinding.defined(s) || (!x && !y)) return list;
  auto const bound = [](ProjectedField const* p, char const* end, Value const& otherwise) {
    return p ? signal_ref(p->visual_signal + end) : otherwise;
  };
  auto const group = [](char const* size) { return Value::object({{"field", Value::object({{"group", size}})}}); };
  Value update = Value::object({{"x", bound(x, "[0]", value_ref(0))},
                                {"y", bound(y, "[0]", value_ref(0))},
                                {"x2", bound(x, "[1]", group("width"))},
                                {"y2", bound(y, "[1]", group("height"))}});
  if (is_global(s)) {
    auto const store = "data(" + quoted(operator_name(s, kStore)) + ")";
    for (auto key : {"x", "y", "x2", "y2"}) {
      Value test = Value::object({{"test", Value(store + ".length && " + store + "[0].unit === " + unit_name(m))}});
      assign(test, update[key]);
      update.set(key, Value::array({test, value_ref(0)}));
    }
  }
  Strings moved;
  for (auto const* p : {x, y})
    if (p) moved.push_back(p->visual_signal + "[0] !== " + p->visual_signal + "[1]");
  Value brush_update = update;
  for (auto const& [key, value] : s.mark.properties()) {
    if (key == "fill" || key == "fillOpacity" || key == "cursor") continue;
    brush_update.set(key, Value::array({Value::object({{"test", Value(join(moved, " && "))}, {"value", value}}),
                                        value_ref(nullptr)}));
  }
  Value enter{Object()};
  Value const cursor =
      s.mark["cursor"].is_nullish() ? (s.translate.truthy() ? Value("move") : Value(nullptr)) : s.mark["cursor"];
  if (cursor.truthy()) enter.set("cursor", value_ref(cursor));
  enter.set("fill", value_ref("transparent"));
  auto const brush = operator_name(s, kBrush);
  auto const rect = [](std::string const& name, Value const& e, Value const& u) {
    return Value::object({{"name", Value(name)},
                          {"type", "rect"},
                          {"clip", true},
                          {"encode", Value::object({{"enter", e}, {"update", u}})}});
  };
  list.insert(
      list.begin(),
      rect(brush + "_bg",
           Value::object({{"fill", value_ref(s.mark["fill"])}, {"fillOpacity", value_ref(s.mark["fillOpacity"])}}),
           update));
  list.push_back(rect(brush, enter, brush_update));
  return list;
}

// --- translate and zoom ---

bool translates(SelectionComponent const& s) { return is_interval(s) && s.translate.truthy(); }
bool zooms(SelectionComponent const& s) { return is_interval(s) && s.zoom.truthy(); }

void push_event(Array& list, std::string const& name, Value const& event) {
  if (auto* signal = find_signal(list, name)) signal->member("on").push(event);
}
std::string domain_of(Model& m, std::string_view channel) {
  auto const name = m.scale_name(channel);
  return "domain(" + (name.empty() ? "undefined" : quoted(name)) + ")";
}

Array translate_signals(Model& m, SelectionComponent& s, Array list) {
  bool const bound = kScaleBinding.defined(s);
  auto const anchor = s.name + "_translate_anchor", delta = s.name + "_translate_delta";
  Value events =
      s.translate.is_string() ? parse_event_selector(s.translate.string(), "scope") : Value(as_array(s.translate));
  Array starts;
  for (auto& event : events.mutable_items()) {
    if (event["between"].items().empty()) continue;
    if (!bound) event.member("between").mutable_items().front().set("markname", operator_name(s, kBrush));
    starts.push_back(event["between"].at(0));
  }
  std::string extents;
  for (auto c : {"x", "y"})
    if (auto const* p = s.channel(c))
      extents += std::string(", extent_") + c + ": " + (bound ? domain_of(m, c) : "slice(" + p->visual_signal + ")");
  list.push_back(Value::object({{"name", Value(anchor)},
                                {"value", Value(Object())},
                                {"on", Value::array({on(starts, "{x: x(unit), y: y(unit)" + extents + "}")})}}));
  list.push_back(Value::object(
      {{"name", Value(delta)},
       {"value", Value(Object())},
       {"on", Value::array({on(events, "{x: " + anchor + ".x - x(unit), y: " + anchor + ".y - y(unit)}")})}}));
  for (auto c : {"x", "y"}) {
    auto const* p = s.channel(c);
    if (!p) continue;
    auto const size = m.size_signal(size_channel(c));
    auto* scale = m.scale_component(c);
    bool const reversed = scale && scale->get("reverse").truthy();
    std::string const sign = !bound ? "" : (std::string_view(c) == "x") != reversed ? "-" : "";
    auto const extent = anchor + ".extent_" + c;
    auto const offset = sign + delta + "." + c + " / " + (bound ? size : "span(" + extent + ")");
    auto const motion = scale_motion(m, c, bound, "pan");
    auto const update = motion.function + "(" + extent + ", " + offset + motion.argument + ")";
    push_event(list, bound ? p->data_signal : p->visual_signal,
               on(signal_ref(delta), bound ? update : "clampRange(" + update + ", 0, " + size + ")"));
  }
  return list;
}

Array zoom_signals(Model& m, SelectionComponent& s, Array list) {
  bool const bound = kScaleBinding.defined(s);
  auto const anchor = s.name + "_zoom_anchor", delta = s.name + "_zoom_delta";
  Value events = s.zoom.is_string() ? parse_event_selector(s.zoom.string(), "scope") : Value(as_array(s.zoom));
  if (!bound)
    for (auto& event : events.mutable_items()) event.set("markname", operator_name(s, kBrush));
  Strings inverts;
  for (auto c : {"x", "y"})
    if (auto const name = m.scale_name(c); !name.empty())
      inverts.push_back(std::string(c) + ": invert(" + quoted(name) + ", " + c + "(unit))");
  list.push_back(Value::object(
      {{"name", Value(anchor)},
       {"on", Value::array({on(events, bound ? "{" + join(inverts, ", ") + "}" : "{x: x(unit), y: y(unit)}")})}}));
  Value wheel = on(events, "pow(1.001, event.deltaY * pow(16, event.deltaMode))");
  wheel.set("force", true);
  list.push_back(Value::object({{"name", Value(delta)}, {"on", Value::array({wheel})}}));
  for (auto c : {"x", "y"}) {
    auto const* p = s.channel(c);
    if (!p) continue;
    auto const size = m.size_signal(size_channel(c));
    auto const& signal = bound ? p->data_signal : p->visual_signal;
    auto const motion = scale_motion(m, c, bound, "zoom");
    auto const update = motion.function + "(" + (bound ? domain_of(m, c) : signal) + ", " + anchor + "." + c + ", " +
                        delta + motion.argument + ")";
    push_event(list, signal, on(signal_ref(delta), bound ? update : "clampRange(" + update + ", 0, " + size + ")"));
  }
  return list;
}

}  // namespace

ScaleMotion scale_motion(Model& m, std::string_view channel, bool bound, std::string_view verb) {
  auto const type = bound ? m.scale_type(channel) : Value();
  auto const* scale = m.scale_component(channel);
  std::string const function(verb);
  auto const with = [&](char const* property) { return ", " + nullish_or(scale->get(property), 1).to_string(); };
  if (is(type, "log")) return {function + "Log", ""};
  if (is(type, "symlog")) return {function + "Symlog", with("constant")};
  if (is(type, "pow")) return {function + "Pow", with("exponent")};
  return {function + "Linear", ""};
}

SelectionCompiler const kIntervalSelection{is_interval, parse, signals, top_level, nullptr, marks};
SelectionCompiler const kTranslateSelection{translates, nullptr, translate_signals};
SelectionCompiler const kZoomSelection{zooms, nullptr, zoom_signals};

}  // namespace cml::vega::lite

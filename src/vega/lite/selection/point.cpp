// Point selections, how they toggle and clear, and the nearest point's invisible cells.
#include "vega/lite/event_selector.hpp"
#include "vega/lite/mark/encode.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/selection/selection.hpp"

#include <algorithm>

namespace cml::vega::lite {
namespace {

Value on_events(Value const& events, std::string const& update, bool force = false) {
  Value out = Value::object({{"events", events}, {"update", Value(update)}});
  if (force) out.set("force", true);
  return out;
}

// --- point ---

bool is_point(SelectionComponent const& s) { return is_type(s, "point"); }

Array point_top_level(Model&, SelectionComponent& s, Array list) {
  if (!is_timer_selection(s)) return list;
  std::string const elapsed = "anim_clock + (now() - last_tick_at)";
  list.push_back(Value::object(
      {{"name", "anim_clock"},
       {"init", "0"},
       {"on",
        Value::array({Value::object({{"events", Value::object({{"type", "timer"}, {"throttle", 1.0 / 60 * 1000}})},
                                     {"update", Value("is_playing ? (" + elapsed + " > max_range_extent ? 0 : " +
                                                      elapsed + ") : anim_clock")}})})}}));
  list.push_back(Value::object(
      {{"name", "last_tick_at"},
       {"init", "now()"},
       {"on",
        Value::array({on_events(Value::array({signal_ref("anim_clock"), signal_ref("is_playing")}), "now()")})}}));
  list.push_back(Value::object({{"name", "is_playing"}, {"init", "true"}}));
  return list;
}

Array point_signals(Model& m, SelectionComponent& s, Array list) {
  std::string const datum = "(item().isVoronoi ? datum.datum : datum)";
  Strings brushes;
  for (auto const& [key, other] : m.component.selection)
    if (is_type(*other, "interval"))
      brushes.push_back("indexof(item().mark.name, '" + operator_name(*other, kBrush) + "') < 0");
  auto const test = "datum && item().mark.marktype !== 'group' && indexof(item().mark.role, 'legend') < 0" +
                    (brushes.empty() ? "" : " && " + join(brushes, " && "));
  auto update = "unit: " + unit_name(m) + ", ";
  auto const fields = operator_name(s, kTupleFields);
  if (s.has_selection_id) {
    update += "_vgsid_: " + datum + "[\"_vgsid_\"]";
  } else if (is_timer_selection(s)) {
    update += "fields: " + fields + ", values: [anim_value ? anim_value : min_extent]";
  } else {
    Strings values;
    for (auto const& p : s.items) {
      if (m.field_def(p->channel)["bin"].truthy())
        values.push_back("[" + datum + "[" + quoted(m.vg_field_of(p->channel)) + "], " + datum + "[" +
                         quoted(m.vg_field_of(p->channel, {.bin_suffix = "end"})) + "]]");
      else
        values.push_back(datum + "[" + quoted(p->field) + "]");
    }
    update += "fields: " + fields + ", values: [" + join(values, ", ") + "]";
  }
  Value const name = operator_name(s, kTuple);
  if (is_timer_selection(s)) {
    auto const scale = m.scale_name("time");
    list.push_back(Value::object({{"name", "eased_anim_clock"}, {"update", "anim_clock"}}));
    list.push_back(Value::object({{"name", Value(s.name + "_domain")}, {"init", Value("domain('" + scale + "')")}}));
    list.push_back(Value::object({{"name", "min_extent"}, {"init", Value("extent(" + s.name + "_domain)[0]")}}));
    list.push_back(Value::object({{"name", "max_range_extent"}, {"init", Value("extent(range('" + scale + "'))[1]")}}));
    list.push_back(
        Value::object({{"name", "anim_value"}, {"update", Value("invert('" + scale + "', eased_anim_clock)")}}));
    list.push_back(Value::object(
        {{"name", name},
         {"on", Value::array({on_events(Value::array({signal_ref("eased_anim_clock"), signal_ref("anim_value")}),
                                        "{" + update + "}", true)})}}));
    return list;
  }
  Array on;
  if (s.events.defined()) on.push_back(on_events(s.events, test + " ? {" + update + "} : null", true));
  list.push_back(Value::object({{"name", name}, {"on", on}}));
  return list;
}

// --- toggle ---

bool toggles(SelectionComponent const& s) { return is_point(s) && !is_timer_selection(s) && s.toggle.truthy(); }

Array toggle_signals(Model&, SelectionComponent& s, Array list) {
  list.push_back(Value::object({{"name", Value(operator_name(s, kToggle))},
                                {"value", false},
                                {"on", Value::array({Value::object({{"events", s.events}, {"update", s.toggle}})})}}));
  return list;
}
std::string toggle_modify(Model& m, SelectionComponent& s, std::string) {
  auto const tuple = operator_name(s, kTuple), signal = operator_name(s, kToggle);
  return signal + " ? null : " + tuple + ", " +
         (is_global(s) ? signal + " ? null : true, " : signal + " ? null : {unit: " + unit_name(m) + "}, ") + signal +
         " ? " + tuple + " : null";
}

// --- clear ---

bool clears(SelectionComponent const& s) { return s.clear.defined() && !is_false(s.clear) && !is_timer_selection(s); }

void parse_clear(Model&, SelectionComponent& s, Value&) {
  if (s.clear.is_string() && s.clear.truthy()) s.clear = parse_event_selector(s.clear.string(), "view");
}
void add_clear(Array& list, SelectionComponent const& s, std::string const& name, char const* update) {
  if (auto* signal = find_signal(list, name); signal && (*signal)["on"].is_array())
    signal->member("on").push(Value::object({{"events", s.clear}, {"update", update}}));
}
Array clear_top_level(Model&, SelectionComponent& s, Array list) {
  if (kInputBinding.defined(s))
    for (auto const& p : s.items) add_clear(list, s, var_name(s.name + "_" + p->field), "null");
  return list;
}
Array clear_signals(Model&, SelectionComponent& s, Array list) {
  if (is_type(s, "interval")) {
    for (auto const& p : s.items) {
      if (!p->visual_signal.empty() && find_signal(list, p->visual_signal))
        add_clear(list, s, p->visual_signal, "[0, 0]");
      else
        add_clear(list, s, p->data_signal, "null");
    }
  } else {
    add_clear(list, s, operator_name(s, kTuple), "null");
    if (toggles(s)) add_clear(list, s, operator_name(s, kToggle), "false");
  }
  return list;
}

// --- nearest ---

bool is_nearest(SelectionComponent const& s) { return is_point(s) && s.nearest.truthy(); }

void parse_nearest(Model& m, SelectionComponent& s, Value&) {
  if (!s.events.is_array()) return;
  for (auto& event : s.events.mutable_items()) event.set("markname", m.get_name("voronoi"));
}
Array nearest_marks(Model& m, SelectionComponent& s, Array marks) {
  if (is_path_mark(m.mark())) {
    m.ctx.warn(message::nearest_needs_points(m.mark()));
    return marks;
  }
  bool const x = s.channel("x") != nullptr, y = s.channel("y") != nullptr;
  std::size_t index = 0;
  for (std::size_t i = 0; i < marks.size(); ++i) {
    auto const name = marks[i]["name"].string_or("");
    if (!m.component.mark.empty() && marks[i]["name"] == m.component.mark[0]["name"])
      index = i;
    else if (name.find("voronoi") != std::string_view::npos)
      return marks;
  }
  Value const clear = value_ref("transparent");
  Value update = Value::object(
      {{"fill", clear}, {"strokeWidth", value_ref(0.35)}, {"stroke", clear}, {"isVoronoi", value_ref(true)}});
  assign(update, tooltip_encode(m, true));
  Value const cell = Value::object(
      {{"name", Value(m.get_name("voronoi"))},
       {"type", "path"},
       {"interactive", true},
       {"aria", false},
       {"from", Value::object({{"data", Value(m.get_name("marks"))}})},
       {"encode", Value::object({{"update", update}})},
       {"transform", Value::array({Value::object(
                         {{"type", "voronoi"},
                          {"x", Value::object({{"expr", x || !y ? "datum.datum.x || 0" : "0"}})},
                          {"y", Value::object({{"expr", y || !x ? "datum.datum.y || 0" : "0"}})},
                          {"size", Value::array({m.size_signal_ref("width"), m.size_signal_ref("height")})}})})}});
  marks.insert(marks.begin() + static_cast<std::ptrdiff_t>(std::min(index + 1, marks.size())), cell);
  return marks;
}

}  // namespace

SelectionCompiler const kPointSelection{is_point, nullptr, point_signals, point_top_level};
SelectionCompiler const kToggleSelection{toggles, nullptr, toggle_signals, nullptr, toggle_modify};
SelectionCompiler const kClearSelection{clears, parse_clear, clear_signals, clear_top_level};
SelectionCompiler const kNearestSelection{is_nearest, parse_nearest, nullptr, nullptr, nullptr, nearest_marks};

}  // namespace cml::vega::lite

#include "vega/lite/data/data.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/time_unit.hpp"

#include <algorithm>

namespace cml::vega::lite {
namespace {

std::string offset_expression(Value const& unit, std::string const& field, bool back) {
  auto const parts = time_unit_parts(unit["unit"].string_or(""));
  auto const [part, step] = date_part_and_step(parts.empty() ? "" : parts.back(), unit["step"].number_or(1));
  return std::string(unit["utc"].truthy() ? "utcOffset" : "timeOffset") + "('" + part + "', " +
         access_unescaped(field) + ", " + number_text(back ? -step : step) + ")";
}
std::string interpolated(std::string const& start, std::string const& end, double fraction) {
  return number_text(1 - fraction) + " * " + start + " + " + number_text(fraction) + " * " + end;
}
Value formula(std::string const& expression, std::string const& as) {
  return Value::object({{"type", "formula"}, {"expr", Value(expression)}, {"as", Value(as)}});
}
// Where a bar stands when it is not centred in its unit.
void add_offset_rects(Array& out, std::string const& start, std::string const& end, Value const& position,
                      Value const& unit) {
  if (!position.defined() || (position.is_number() && position.number() == 0.5)) return;
  double const fraction = position.to_number() + 0.5;
  auto const a = access_unescaped(start), b = access_unescaped(end);
  out.push_back(
      formula(interpolated(offset_expression(unit, start, true), a, fraction), start + "_offsetted_rect_start"));
  out.push_back(formula(interpolated(a, b, fraction), start + "_offsetted_rect_end"));
}
std::string output_of(Value const& unit) {
  return has(unit, "as") ? unit["as"].to_string() : unit["field"].to_string() + "_end";
}

}  // namespace

DataNode* time_unit_from_encoding(Model& m, DataNode* parent) {
  OrderedMap<Value> units;
  each_field_def(m.mapping(), [&](Value const& def, std::string_view channel) {
    auto const& unit = def["timeUnit"];
    if (!unit.truthy()) return;
    auto const position = m.is_unit() ? band_position(def, {}, m.mark_def, m.config) : Value();
    bool const rect = m.is_unit() && is_rect_mark(m.mark());
    Value component;
    if (!is_binned_time_unit(unit))
      component =
          Value::object({{"as", Value(vg_field(def, {.for_as = true}))}, {"field", def["field"]}, {"timeUnit", unit}});
    else if (m.is_unit() && (rect || position.truthy()))
      component = Value::object({{"timeUnit", normalize_time_unit(unit)}, {"field", def["field"]}});
    if (!component.defined()) return;
    if (rect && is_x_or_y(channel) && !(position.is_number() && position.number() == 0.5))
      component.set("rectBandPosition", position);
    units[stringify(component)] = component;
  });
  return units.empty() ? parent : make_node<TimeUnitNode>(m.ctx, parent, units);
}
DataNode* time_unit_from_transform(Model& m, DataNode* parent, Value const& t) {
  Value component = t;
  component.set("timeUnit", normalize_time_unit(t["timeUnit"]));
  OrderedMap<Value> units;
  units[stringify(component)] = component;
  return make_node<TimeUnitNode>(m.ctx, parent, units);
}

void TimeUnitNode::merge(TimeUnitNode& other) {
  for (auto const& [key, unit] : other.units)
    if (!units.find(key)) units[key] = unit;
  for (std::size_t i = 0; i < other.children.size(); ++i) {  // See BinNode::merge.
    auto* child = other.children[i];
    other.remove_child(child);
    child->set_parent(this);
  }
  other.remove();
}
void TimeUnitNode::remove_formulas(Strings const& fields) {
  OrderedMap<Value> kept;
  for (auto const& [key, unit] : units)
    if (!contains(fields, output_of(unit))) kept[key] = unit;
  units = kept;
}
std::optional<Strings> TimeUnitNode::produced_fields() const {
  Strings out;
  for (auto const& [key, unit] : units) add_unique(out, output_of(unit));
  return out;
}
Strings TimeUnitNode::dependent_fields() const {
  Strings out;
  for (auto const& [key, unit] : units) add_unique(out, unit["field"].to_string());
  return out;
}
std::string TimeUnitNode::hash() const {
  std::string out = "TimeUnit ";
  Strings keys = units.keys();
  std::sort(keys.begin(), keys.end());
  return out + join(keys, ",");
}
Array TimeUnitNode::assemble() const {
  Array out;
  for (auto const& [key, component] : units) {
    auto const unit = normalize_time_unit(component["timeUnit"]);
    auto const& position = component["rectBandPosition"];
    if (has(component, "as")) {
      auto const as = component["as"].to_string();
      Value t = Value::object(
          {{"field", Value(replace_path_in_field(component["field"].to_string()))}, {"type", "timeunit"}});
      if (unit["unit"].truthy()) t.set("units", string_array(time_unit_parts(unit["unit"].to_string())));
      if (unit["utc"].truthy()) t.set("timezone", "utc");
      assign(t, omit(unit, {"unit", "utc"}));
      t.set("as", Value::array({Value(as), Value(as + "_end")}));
      out.push_back(t);
      add_offset_rects(out, as, as + "_end", position, unit);
    } else {
      auto const field = unescape_path(component["field"].to_string());
      out.push_back(formula(offset_expression(unit, field, false), field + "_end"));
      add_offset_rects(out, field, field + "_end", position, unit);
    }
  }
  return out;
}

}  // namespace cml::vega::lite

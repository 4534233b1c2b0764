// The walk over the views: each step is done for all views before the next, parts first where the whole needs
// them.
#include "vega/lite/axis/axis.hpp"
#include "vega/lite/config.hpp"
#include "vega/lite/data/data.hpp"
#include "vega/lite/header/header.hpp"
#include "vega/lite/layoutsize/layoutsize.hpp"
#include "vega/lite/legend/legend.hpp"
#include "vega/lite/mark/encode.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/model/model.hpp"
#include "vega/lite/projection/projection.hpp"
#include "vega/lite/scale/scale.hpp"
#include "vega/lite/selection/selection.hpp"

namespace cml::vega::lite {
namespace {

void append(Array& to, Array from) {
  for (auto& v : from) to.push_back(std::move(v));
}

}  // namespace

// --- Parse
// --------------------------------------------------------------------------------------------------------------

void Model::parse() {
  parse_scales(*this);
  parse_layout_size();
  for (auto size : {"width", "height"})
    if (get_name(size) != size) ctx.signal_names.rename(get_name(size), size);
  parse_selections();
  parse_projections(*this);
  parse_data();
  parse_axes_and_headers();
  parse_legends(*this);
  parse_mark_group();
}
void Model::parse_data() {
  lite::parse_data(*this);
  for (auto const& c : children) c->parse_data();
}
void Model::parse_layout_size() {
  if (is_unit()) return parse_unit_layout_size(*this);
  if (is_layer()) return parse_layer_layout_size(*this);
  if (is_concat()) return parse_concat_layout_size(*this);
  for (auto const& c : children) c->parse_layout_size();
}
void Model::parse_selections() {
  if (is_unit()) return parse_unit_selections(*this);
  for (auto const& c : children) {
    c->parse_selections();
    for (auto const& [name, selection] : c->component.selection) component.selection[name] = selection;
  }
  for (auto const& [name, selection] : component.selection)
    if (is_timer_selection(*selection)) ctx.warn(message::animation_in_composition());
}
void Model::parse_axes_and_headers() {
  if (is_unit()) return parse_unit_axes(*this);
  if (is_layer()) return parse_layer_axes(*this);
  for (auto const& c : children) c->parse_axes_and_headers();
  if (is_facet()) parse_facet_headers(*this);
}
void Model::parse_mark_group() {
  if (is_unit()) return lite::parse_mark_group(*this);
  for (auto const& c : children) c->parse_mark_group();
}

// --- Assemble
// -------------------------------------------------------------------------------------------------------------

Array Model::assemble_selection_top_level_signals(Array signals) {
  if (is_unit()) return assemble_top_level_signals(*this, std::move(signals));
  for (auto const& c : children) signals = c->assemble_selection_top_level_signals(std::move(signals));
  return signals;
}
Array Model::assemble_signals() {
  if (is_facet() || is_concat()) return {};
  auto out = assemble_axis_signals(*this);
  if (is_unit())
    append(out, assemble_unit_selection_signals(*this));
  else
    for (auto const& c : children) append(out, c->assemble_signals());
  return out;
}
Array Model::assemble_layout_signals() {
  if (is_facet()) return child().assemble_layout_signals();
  auto out = lite::assemble_layout_signals(*this);
  for (auto const& c : children) append(out, c->assemble_layout_signals());
  return out;
}
Array Model::assemble_selection_data(Array data) {
  if (is_unit()) return assemble_unit_selection_data(*this, std::move(data));
  for (auto const& c : children) data = c->assemble_selection_data(std::move(data));
  return data;
}

Value Model::assemble_group_style() const {
  if (is_unit()) {
    if (has(view, "style")) return view["style"];
    return encoding["x"].truthy() || encoding["y"].truthy() ? "cell" : "view";
  }
  if (!is_layer()) return {};
  Array styles;
  for (auto const& c : children)
    for (auto const& style : as_array(c->assemble_group_style())) {
      bool known = false;
      for (auto const& s : styles) known = known || s == style;
      if (!known) styles.push_back(style);
    }
  if (styles.size() == 1) return styles[0];
  return styles.empty() ? Value() : Value(styles);
}
Value Model::assemble_group_encode_entry(bool top_level) {
  Value entry{Object()};
  for (auto const& [key, value] : view.properties())
    if (!(key == "style") && value.defined()) entry.set(key, signal_or_value_ref(value));
  if (!top_level) {
    if (description.truthy()) entry.set("description", signal_or_value_ref(description));
    if (is_unit() || is_layer()) {
      Value out = Value::object({{"width", size_signal_ref("width")}, {"height", size_signal_ref("height")}});
      assign(out, entry);
      return out;
    }
  }
  return is_empty(entry) ? Value() : entry;
}
Value Model::assemble_title() const {
  Value out = extract_title_config(config["title"]).non_mark;
  assign(out, omit(title, {"encoding"}));
  if (title["encoding"].truthy()) out.set("encode", Value::object({{"update", title["encoding"]}}));
  if (out["text"].truthy()) {
    if (is_unit() || is_layer()) {
      if ((!has(out, "anchor") || is(out["anchor"], "middle")) && out["frame"].is_nullish()) out.set("frame", "group");
    } else if (out["anchor"].is_nullish()) {
      out.set("anchor", "start");
    }
    return out;
  }
  if (is_layer())
    for (auto const& c : children)
      if (auto found = c->assemble_title(); found.truthy()) return found;
  return {};
}
Value Model::assemble_layout() {
  if (is_unit() || is_layer()) return {};
  auto const band = layout_title_band(*this);
  Value out = Value::object({{"padding", layout["spacing"]}});
  if (is_facet()) {
    assign(out, facet_layout(*this));
  } else {
    if (!layout["columns"].is_nullish()) out.set("columns", layout["columns"]);
    out.set("bounds", "full");
    out.set("align", "each");
  }
  assign(out, omit(layout, {"spacing"}));
  if (band.truthy()) out.set("titleBand", band);
  return out;
}

Array Model::assemble_marks() {
  if (is_facet()) return assemble_facet_marks(*this);
  Array out;
  if (is_concat()) {
    for (auto const& c : children) {
      auto const group_title = c->assemble_title(), style = c->assemble_group_style(),
                 encode = c->assemble_group_encode_entry(false);
      Value group = Value::object({{"type", "group"}, {"name", Value(c->get_name("group"))}});
      if (group_title.truthy()) group.set("title", group_title);
      if (style.truthy()) group.set("style", style);
      if (encode.truthy()) group.set("encode", Value::object({{"update", encode}}));
      assign(group, c->assemble_group({}));
      out.push_back(group);
    }
    return out;
  }
  if (is_layer()) {
    for (auto const& c : children) append(out, c->assemble_marks());
    for (auto const& c : children)
      if (c->is_unit()) out = assemble_unit_selection_marks(*c, std::move(out));
    return out;
  }
  out = component.mark;
  if (!parent || !parent->is_layer()) out = assemble_unit_selection_marks(*this, std::move(out));
  for (auto& mark : out) {
    if (mark["from"]["data"].truthy()) {
      auto name = lookup_data_source(mark["from"]["data"].to_string());
      if (has_time()) name += "_curr";
      mark.member("from").set("data", name);
    }
    if (mark["from"]["facet"]["data"].truthy())
      mark.member("from").member("facet").set("data", lookup_data_source(mark["from"]["facet"]["data"].to_string()));
  }
  return out;
}
Array Model::assemble_legends() {
  auto out = lite::assemble_legends(*this);
  if (is_layer())
    for (auto const& c : children) append(out, c->assemble_legends());
  return out;
}

Value Model::assemble_group(Array signals) {
  ctx.path = path;
  Value group{Object()};
  if (is_facet() && parent && parent->is_facet() && facet["column"].defined())
    group.set("encode",
              Value::object(
                  {{"update",
                    Value::object(
                        {{"columns",
                          Value::object({{"field", Value(vg_field(facet["column"], {.prefix = "distinct"}))}})}})}}));
  append(signals, assemble_signals());
  if (!signals.empty()) group.set("signals", signals);
  if (auto const grid = assemble_layout(); grid.truthy()) group.set("layout", grid);
  Array marks = assemble_header_marks(*this);
  append(marks, assemble_marks());
  group.set("marks", marks);
  if (!parent || parent->is_facet())
    if (auto const scales = assemble_scales(*this); !scales.empty()) group.set("scales", scales);
  if (auto const axes = assemble_axes(*this); !axes.empty()) group.set("axes", axes);
  if (auto const legends = assemble_legends(); !legends.empty()) group.set("legends", legends);
  return group;
}

}  // namespace cml::vega::lite

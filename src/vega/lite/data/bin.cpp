#include "vega/lite/data/data.hpp"
#include "vega/lite/format.hpp"
#include "vega/lite/selection/selection.hpp"

#include <algorithm>

namespace cml::vega::lite {
namespace {

std::pair<std::string, BinComponent> make_component(Model& m, Value const& t, Value const& given) {
  BinComponent c;
  auto const& as = t["as"];
  if (t.has("as")) {
    if (as.is_array())
      c.as.push_back({as.at(0).to_string(), as.at(1).to_string()});
    else
      c.as.push_back({as.to_string(), as.to_string() + "_end"});
  } else {
    c.as.push_back({vg_field(t, {.for_as = true}), vg_field(t, {.bin_suffix = "end", .for_as = true})});
  }
  c.bin = normalize_bin(given, "");
  c.field = field_name(t);
  auto const key = bin_to_string(c.bin) + "_" + c.field;
  c.signal = m.get_name(key + "_bins");
  c.extent_signal = m.get_name(key + "_extent");
  if (auto const extent = c.bin["extent"]; is_parameter_extent(extent)) {
    c.span = selection_extent(m, extent["param"].to_string(), extent);
    c.bin.erase("extent");
  }
  return {key, c};
}

}  // namespace

DataNode* bin_from_encoding(Model& m, DataNode* parent) {
  OrderedMap<BinComponent> bins;
  each_field_def(m.mapping(), [&](Value const& def, std::string_view channel) {
    if (!is_typed_field_def(def) || !is_binning(def["bin"])) return;
    auto [key, component] = make_component(m, def, def["bin"]);
    if (auto const* known = bins.find(key)) component = *known;
    if (bin_requires_range(def, channel)) {
      auto const& guide = !m.is_unit() ? Value() : nullish_or(m.axis(channel), m.legend(channel));
      component.formula_as = vg_field(def, {.bin_suffix = "range", .for_as = true});
      component.formula =
          bin_format_expression(vg_field(def, {.expr = "datum"}), vg_field(def, {.expr = "datum", .bin_suffix = "end"}),
                                guide["format"], guide["formatType"], m.config);
    }
    bins[key] = component;
  });
  return bins.empty() ? parent : make_node<BinNode>(m.ctx, parent, bins);
}
DataNode* bin_from_transform(Model& m, DataNode* parent, Value const& t) {
  auto const [key, component] = make_component(m, t, t["bin"]);
  OrderedMap<BinComponent> bins;
  bins[key] = component;
  return make_node<BinNode>(m.ctx, parent, bins);
}

void BinNode::merge(BinNode& other, NameMap& signal_names) {
  for (auto const& [key, component] : other.bins) {
    if (auto* known = bins.find(key)) {
      signal_names.rename(component.signal, known->signal);
      for (auto const& as : component.as)
        if (std::find(known->as.begin(), known->as.end(), as) == known->as.end()) known->as.push_back(as);
    } else {
      bins[key] = component;
    }
  }
  // The list shrinks under the walk, as in the reference: every other child stays and moves up with remove().
  for (std::size_t i = 0; i < other.children.size(); ++i) {
    auto* child = other.children[i];
    other.remove_child(child);
    child->set_parent(this);
  }
  other.remove();
}
std::optional<Strings> BinNode::produced_fields() const {
  Strings out;
  for (auto const& [key, c] : bins)
    for (auto const& as : c.as) out.insert(out.end(), as.begin(), as.end());
  return out;
}
Strings BinNode::dependent_fields() const {
  Strings out;
  for (auto const& [key, c] : bins) add_unique(out, c.field);
  return out;
}
std::string BinNode::hash() const {
  std::string out = "Bin ";
  for (auto const& [key, c] : bins) {
    out += key + stringify(c.bin) + c.field + "|" + c.signal + "|" + c.extent_signal + "|" + c.span + "|" + c.formula +
           "|" + c.formula_as;
    for (auto const& as : c.as) out += "[" + join(as, ",") + "]";
  }
  return out;
}
Array BinNode::assemble() const {
  Array out;
  for (auto const& [key, c] : bins) {
    auto const& as = c.as.front();
    Value const extent = c.bin["extent"];
    Value bin = Value::object({{"type", "bin"},
                               {"field", Value(replace_path_in_field(c.field))},
                               {"as", string_array(as)},
                               {"signal", Value(c.signal)}});
    if (extent.defined()) bin.set("extent", extent);
    if (!c.span.empty()) bin.set("span", signal_ref("span(" + c.span + ")"));
    assign(bin, omit(c.bin, {"extent"}));
    if (!extent.truthy()) {
      out.push_back(Value::object(
          {{"type", "extent"}, {"field", Value(replace_path_in_field(c.field))}, {"signal", Value(c.extent_signal)}}));
      bin.set("extent", signal_ref(c.extent_signal));
    }
    out.push_back(bin);
    for (std::size_t i = 1; i < c.as.size(); ++i)
      for (std::size_t end = 0; end < 2; ++end)
        out.push_back(
            Value::object({{"type", "formula"},
                           {"expr", Value(vg_field(Value::object({{"field", Value(as[end])}}), {.expr = "datum"}))},
                           {"as", Value(c.as[i][end])}}));
    if (!c.formula.empty())
      out.push_back(Value::object({{"type", "formula"}, {"expr", Value(c.formula)}, {"as", Value(c.formula_as)}}));
  }
  return out;
}

}  // namespace cml::vega::lite

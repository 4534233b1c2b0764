#include "vega/lite/data/data.hpp"
#include "vega/lite/data/transforms.hpp"
#include "vega/lite/mark_def.hpp"
#include "vega/lite/messages.hpp"
#include "vega/lite/selection/selection.hpp"
#include "vega/value/error.hpp"
#include "vega/value/table.hpp"

namespace cml::vega::lite {
namespace {

// In the order in which a transform with several of these properties is read.
constexpr TransformType const* kTransforms[] = {&kWindow,  &kJoinAggregate, &kFold,       &kExtent,
                                                &kFlatten, &kPivot,         &kSample,     &kImpute,
                                                &kDensity, &kQuantile,      &kRegression, &kLoess};

bool same_table(Table const& a, Table const& b) {
  if (a.size() != b.size() || a.fields().size() != b.fields().size()) return false;
  for (std::size_t f = 0; f < a.fields().size(); ++f)
    if (!(a.fields()[f].name == b.fields()[f].name)) return false;
  for (std::size_t f = 0; f < a.fields().size(); ++f)
    for (std::size_t row = 0; row < a.size(); ++row)
      if (!(a.fields()[f].column->at(a.base_row(row)) == b.fields()[f].column->at(b.base_row(row)))) return false;
  return true;
}
bool same_data(Value const& a, Value const& b) {
  return a.same_identity(b) || a == b || (a.is_table() && b.is_table() && same_table(*a.table(), *b.table()));
}

Value merge_deep(Value const& first, Value const& second) {
  Value out = first.is_object() ? first : Value(Object());
  for (auto const& [key, value] : second.properties()) {
    if (value.is_object() && out[key].is_object())
      out.set(key, spread({out[key], value}));
    else
      out.set(key, value);
  }
  return out;
}

DataNode* parse_root(Model& m) {
  if (!m.data.truthy() && m.parent) {
    auto const& above = m.parent->component.data;
    return above.facet_root ? static_cast<DataNode*>(above.facet_root) : above.main;
  }
  if (m.data.is_null()) {
    auto* source = make_node<SourceNode>(m.ctx, nullptr, Value::object({{"values", Value(Array())}}));
    m.ctx.data->sources.push_back(source);
    return source;
  }
  auto const data = m.data.is_object() ? m.data
                    : m.data.truthy()  ? Value(Object())
                                       : Value::object({{"name", "source"}});
  if (auto* existing = find_source(m.ctx, data)) {
    bool const generator = has(data, "sequence") || has(data, "sphere") || has(data, "graticule");
    if (!generator) existing->content.set("format", merge_deep(data["format"], existing->content["format"]));
    if (!existing->name.truthy() && data["name"].truthy()) existing->name = data["name"];
    return existing;
  }
  auto* source = make_node<SourceNode>(m.ctx, nullptr, data);
  m.ctx.data->sources.push_back(source);
  return source;
}

DataNode* parse_transforms(Model& m, DataNode* head, AncestorParse& ancestors) {
  int lookups = 0;
  for (auto const& t : m.transforms.items()) {
    DataNode* made = nullptr;
    std::string_view kind = "derived";
    if (has(t, "calculate")) {
      made = head = make_node<TransformNode>(m.ctx, head, kCalculate, t);
    } else if (has(t, "filter")) {
      head = parse_with_ancestors(m, head, Value(Object()), implicit_parse_from_filter(t["filter"]), ancestors);
      head = make_filter(m, head, t["filter"]);
    } else if (has(t, "bin")) {
      made = head = bin_from_transform(m, head, t);
      kind = "number";
    } else if (has(t, "timeUnit")) {
      auto const field = field_name(t);
      if (!ancestors.get(field).defined()) {
        Value parse{Object()};
        parse.set(field, "date");
        head = make_node<ParseNode>(m.ctx, head, m.ctx, parse);
        ancestors.set(field, "date", false);
      }
      made = head = time_unit_from_transform(m, head, t);
      kind = "date";
    } else if (has(t, "aggregate")) {
      made = head = aggregate_from_transform(m, head, t);
      kind = "number";
      if (requires_selection_id(m)) head = make_node<IdentifierNode>(m.ctx, head);
    } else if (has(t, "lookup")) {
      made = head = lookup_from_transform(m, head, t, lookups++);
    } else if (has(t, "stack")) {
      made = head = stack_from_transform(m, head, t);
    } else {
      for (auto const* type : kTransforms) {
        if (!has(t, type->key)) continue;
        if (type == &kExtent && (has(t, "density") || has(t, "regression"))) continue;
        made = head = make_node<TransformNode>(m.ctx, head, *type, type->prepare(t));
        kind = type->parsed_as;
        break;
      }
      if (!made) {
        m.ctx.warn(message::transform_ignored(t));
        continue;
      }
    }
    if (!made) continue;
    for (auto const& field : made->produced_fields().value_or(Strings{})) ancestors.set(field, Value(kind), false);
  }
  return head;
}

OutputNode* make_output(Model& m, DataSource type, DataNode* head) {
  auto const name = m.data_name(type);
  auto* node = make_node<OutputNode>(m.ctx, head, m.ctx, name, type);
  m.ctx.data->outputs[name] = node;
  return node;
}

DataNode* filter_invalid(Model& m, DataNode* parent) {
  OrderedMap<Value> fields;
  each_field_def(m.mapping(), [&](Value const& def, std::string_view channel) {
    auto const* scale = is_scale_channel(channel) ? m.scale_component(channel) : nullptr;
    if (!scale) return;
    auto const mode =
        scale_invalid_mode(m.mark_def, m.config, channel, scale->get("type"), is_counting_aggregate(def["aggregate"]));
    if (mode != InvalidMode::Show && mode != InvalidMode::AlwaysValid) fields[field_name(def)] = def;
  });
  return fields.empty() ? parent : make_node<FilterInvalidNode>(m.ctx, parent, fields);
}

// [longitude, latitude] as fields or constants; undefined when neither is there.
Value geo_pair(Model& m, std::string_view longitude, std::string_view latitude) {
  Array pair;
  for (auto channel : {longitude, latitude}) {
    auto const& def = get_field_or_datum_def(m.encoding[channel]);
    if (is_field_def(def))
      pair.push_back(def["field"]);
    else if (is_datum_def(def))
      pair.push_back(Value::object({{"expr", Value(def["datum"].to_string())}}));
    else if (is_value_def(def))
      pair.push_back(Value::object({{"expr", Value(def["value"].to_string())}}));
    else
      pair.emplace_back();
  }
  if (!pair[0].truthy() && !pair[1].truthy()) return {};
  return pair;
}
DataNode* parse_geo(Model& m, DataNode* head) {
  constexpr std::pair<std::string_view, std::string_view> kPairs[] = {{"longitude", "latitude"},
                                                                      {"longitude2", "latitude2"}};
  if (!m.component.projection || m.component.projection->is_fit()) {
    int counter = 0;
    for (auto const& [lon, lat] : kPairs)
      if (auto const pair = geo_pair(m, lon, lat); pair.defined())
        head = make_node<GeoJsonNode>(m.ctx, head, pair, Value(nullptr),
                                      m.get_name("geojson_" + std::to_string(counter++)));
    if (channel_has_field(m.encoding, "shape") && is(m.typed_field_def("shape")["type"], "geojson"))
      head = make_node<GeoJsonNode>(m.ctx, head, Value(nullptr), m.typed_field_def("shape")["field"],
                                    m.get_name("geojson_" + std::to_string(counter)));
  }
  auto const projection = m.projection_name();
  if (projection.empty()) return head;
  for (auto const& [lon, lat] : kPairs) {
    auto const pair = geo_pair(m, lon, lat);
    if (!pair.defined()) continue;
    std::string const suffix = lon == "longitude2" ? "2" : "";
    head = make_node<GeoPointNode>(m.ctx, head, projection, pair,
                                   Strings{m.get_name("x" + suffix), m.get_name("y" + suffix)});
  }
  return head;
}

DataNode* join_aggregate_for_facet(Model& m, DataNode* head) {
  if (!m.facet["row"].truthy() || !m.facet["column"].truthy()) return head;
  for (auto channel : {"row", "column"}) {
    auto const& def = m.facet[channel];
    auto const& sort = def["sort"];
    if (!is_sort_field(sort)) continue;
    Value const entry = Value::object({{"op", sort["op"].defined() ? sort["op"] : Value("min")},
                                       {"field", sort["field"]},
                                       {"as", Value(facet_sort_field_name(def, sort, {.for_as = true}))}});
    head = make_node<TransformNode>(
        m.ctx, head, kJoinAggregate,
        Value::object({{"joinaggregate", Value::array({entry})}, {"groupby", Value::array({Value(vg_field(def))})}}));
  }
  return head;
}

}  // namespace

SourceNode* find_source(Context& ctx, Value const& data) {
  for (auto* other : ctx.data->sources) {
    auto const &format = data["format"], &other_format = other->content["format"];
    if (data["name"].truthy() && other->name.truthy() && !(data["name"] == other->name)) continue;
    if (format["mesh"].truthy() && other_format["feature"].truthy()) continue;
    bool differs = false;
    for (auto key : {"feature", "mesh"})
      differs =
          differs || ((format[key].truthy() || other_format[key].truthy()) && !(format[key] == other_format[key]));
    if (differs) continue;
    bool const inline_data = has(data, "values"), url = has(data, "url");
    bool const generator = has(data, "sequence") || has(data, "sphere") || has(data, "graticule");
    if (inline_data && has(other->content, "values")) {
      if (same_data(data["values"], other->content["values"])) return other;
    } else if (url && has(other->content, "url")) {
      if (data["url"] == other->content["url"]) return other;
    } else if (has(data, "name") && !url && !inline_data && !generator && data["name"] == other->name) {
      return other;
    }
  }
  return nullptr;
}

bool requires_selection_id(Model const& m) {
  for (auto const& [name, selection] : m.component.selection)
    if (selection->has_selection_id) return true;
  return false;
}

void parse_data(Model& m) {
  m.ctx.path = m.path;
  auto* head = parse_root(m);
  auto const& data = m.data;
  bool const generator = has(data, "sequence") || has(data, "sphere") || has(data, "graticule");
  AncestorParse ancestors;
  if (!(generator || has(data, "url") || has(data, "values")) && m.parent)
    ancestors = m.parent->component.data.ancestor_parse;
  if (generator) {
    if (has(data, "sequence"))
      head = make_node<GeneratorNode>(m.ctx, head, NodeKind::Sequence, data["sequence"]);
    else if (has(data, "graticule"))
      head = make_node<GeneratorNode>(m.ctx, head, NodeKind::Graticule, data["graticule"]);
    ancestors.parse_nothing = true;
  } else if (data["format"]["parse"].is_null()) {
    ancestors.parse_nothing = true;
  }
  auto const& specified_parse = data["format"]["parse"];
  head = parse_with_ancestors(m, head, !generator && specified_parse.is_object() ? specified_parse : Value(Object()),
                              Value(Object()), ancestors);
  head = make_node<IdentifierNode>(m.ctx, head);
  bool const in_layer = m.parent && m.parent->is_layer(), encodes = m.is_unit() || m.is_facet();
  if (encodes && in_layer) head = bin_from_encoding(m, head);
  head = parse_transforms(m, head, ancestors);
  Value implied = implicit_parse_from_selection(m);
  assign(implied, implicit_parse_from_encoding(m));
  head = parse_with_ancestors(m, head, Value(Object()), implied, ancestors);
  if (m.is_unit()) head = parse_geo(m, head);
  if (encodes) {
    if (!in_layer) head = bin_from_encoding(m, head);
    head = time_unit_from_encoding(m, head);
    head = sort_indices_from_encoding(m, head);
  }
  auto* raw = make_output(m, DataSource::Raw, head);
  head = raw;
  if (m.is_unit()) {
    auto* aggregate = aggregate_from_encoding(m, head);
    if (aggregate != head) {
      head = aggregate;
      if (requires_selection_id(m)) head = make_node<IdentifierNode>(m.ctx, head);
    }
    head = impute_from_encoding(m, head);
    head = stack_from_encoding(m, head);
  }
  InvalidSources sources{true, true};
  if (m.is_unit()) {
    sources = invalid_sources(mark_prop_or_config("invalid", m.mark_def, m.config), is_path_mark(m.mark()));
    if (sources.marks_include != sources.scales_include && sources.scales_include)
      head = make_output(m, DataSource::PreFilterInvalid, head);
    if (!sources.marks_include) head = filter_invalid(m, head);
  }
  auto* main = make_output(m, DataSource::Main, head);
  head = main;
  if (m.is_unit() && sources.marks_include && !sources.scales_include) {
    head = filter_invalid(m, head);
    head = make_output(m, DataSource::PostFilterInvalid, head);
  }
  m.component.data.raw = raw;
  m.component.data.main = main;
  m.component.data.ancestor_parse = ancestors;
  if (m.is_unit()) materialize_selections(m, main);
  if (m.is_facet()) {
    head = join_aggregate_for_facet(m, head);
    auto const name = m.get_name("facet");
    m.component.data.facet_root = make_node<FacetNode>(m.ctx, head, m, name, main->get_source());
  }
}

}  // namespace cml::vega::lite

#include "vega/lite/data/node.hpp"

#include <algorithm>

#include "vega/lite/expression_fields.hpp"

namespace cml::vega::lite {

void DataNode::set_parent(DataNode* p) {
  parent = p;
  if (p) p->add_child(this);
}
void DataNode::add_child(DataNode* child, std::optional<std::size_t> at) {
  if (std::find(children.begin(), children.end(), child) != children.end()) return;
  auto const where = std::min(at.value_or(children.size()), children.size());
  children.insert(children.begin() + static_cast<std::ptrdiff_t>(where), child);
}
std::size_t DataNode::remove_child(DataNode* child) {
  if (children.empty()) return 0;
  auto it = std::find(children.begin(), children.end(), child);
  if (it == children.end()) --it;  // As the reference: an unknown child takes the last one away.
  auto const at = static_cast<std::size_t>(it - children.begin());
  children.erase(it);
  return at;
}
void DataNode::remove() {
  if (!parent) return;
  auto at = parent->remove_child(this);
  for (auto* child : children) {
    child->parent = parent;
    parent->add_child(child, at++);
  }
}
void DataNode::insert_as_parent_of(DataNode* other) {
  auto* const above = other->parent;
  above->remove_child(this);
  set_parent(above);
  other->set_parent(this);
}
void DataNode::swap_with_parent() {
  auto* const above = parent;
  auto* const new_parent = above->parent;
  for (auto* child : std::vector<DataNode*>(children)) child->set_parent(above);
  children.clear();
  above->remove_child(this);
  auto const at = new_parent->remove_child(above);
  parent = new_parent;
  new_parent->add_child(this, at);
  above->set_parent(this);
}

SourceNode::SourceNode(Value const& given) : DataNode(NodeKind::Source) {
  Value const data = given.is_object() ? given : Value::object({{"name", "source"}});
  generator = has(data, "sequence") || has(data, "sphere") || has(data, "graticule");
  Value format{Object()};
  if (!generator && data["format"].is_object()) format = omit(data["format"], {"parse"});
  if (has(data, "values")) {
    content.set("values", data["values"]);
  } else if (has(data, "url")) {
    content.set("url", data["url"]);
    if (!format["type"].truthy()) {
      auto const url = data["url"].to_string();
      auto const dot = url.rfind('.');
      auto const extension = dot == std::string::npos ? "" : url.substr(dot + 1);
      format.set("type",
                 one_of(extension, {"json", "csv", "tsv", "dsv", "topojson"}) ? extension : std::string("json"));
    }
  } else if (has(data, "sphere")) {
    content.set("values", Value::array({Value::object({{"type", "Sphere"}})}));
  }
  if (data["name"].truthy()) name = data["name"];
  if (!is_empty(format)) content.set("format", format);
}

OutputNode::OutputNode(Context& c, std::string source_name, DataSource t)
    : DataNode(NodeKind::Output),
      ctx(c),
      source(source_name),
      name(std::move(source_name)),
      type(t),
      id_(++c.output_id) {
  ctx.data->references.try_emplace(name, 0);
}
std::unique_ptr<DataNode> OutputNode::clone() const {
  auto copy = std::make_unique<OutputNode>(ctx, "clone_" + name, type);
  copy->source = source;
  ctx.data->references["clone_" + name] = 0;
  return copy;
}
std::string OutputNode::get_source() {
  ++ctx.data->references[name];
  return source;
}
bool OutputNode::is_required() const {
  auto const found = ctx.data->references.find(name);
  return found != ctx.data->references.end() && found->second > 0;
}

Strings FilterNode::dependent_fields() const { return lite::dependent_fields(expression); }

void TransformNode::add_dimensions(Strings const& fields) {
  Strings groupby;
  for (auto const& field : as_array(spec["groupby"])) add_unique(groupby, field.to_string());
  for (auto const& field : fields) add_unique(groupby, field);
  spec.set("groupby", string_array(groupby));
}

Strings GeoJsonNode::dependent_fields() const {
  Strings out;
  if (geojson.truthy()) out.push_back(geojson.to_string());
  for (auto const& f : fields.items())
    if (f.is_string()) out.push_back(f.to_string());
  return out;
}
Array GeoJsonNode::assemble() const {
  Array out;
  if (geojson.truthy())
    out.push_back(
        Value::object({{"type", "filter"}, {"expr", Value("isValid(datum[\"" + geojson.to_string() + "\"])")}}));
  Value t = Value::object({{"type", "geojson"}});
  if (fields.truthy()) t.set("fields", fields);
  if (geojson.truthy()) t.set("geojson", geojson);
  t.set("signal", signal);
  out.push_back(t);
  return out;
}
Strings GeoPointNode::dependent_fields() const {
  Strings out;
  for (auto const& f : fields.items())
    if (f.is_string()) out.push_back(f.to_string());
  return out;
}
Array GeoPointNode::assemble() const {
  return {Value::object(
      {{"type", "geopoint"}, {"projection", Value(projection)}, {"fields", fields}, {"as", string_array(as)}})};
}

std::optional<Strings> GeneratorNode::produced_fields() const {
  if (kind == NodeKind::Graticule) return std::nullopt;
  return Strings{std::string(params["as"].string_or("data"))};
}
Array GeneratorNode::assemble() const {
  Value t = Value::object({{"type", kind == NodeKind::Graticule ? "graticule" : "sequence"}});
  assign(t, params);
  return {t};
}

std::string FilterInvalidNode::hash() const {
  Value all{Object()};
  for (auto const& [key, def] : fields) all.set(key, def);
  return "FilterInvalid " + stringify(all);
}
Array FilterInvalidNode::assemble() const {
  Strings tests;
  for (auto const& [key, def] : fields) {
    auto const ref = vg_field(def, {.expr = "datum"});
    auto const finite = "isValid(" + ref + ") && isFinite(+" + ref + ")";
    if (is(def["type"], "temporal"))
      tests.push_back("(isDate(" + ref + ") || (" + finite + "))");
    else if (is(def["type"], "quantitative"))
      tests.push_back(finite);
  }
  if (tests.empty()) return {};
  return {Value::object({{"type", "filter"}, {"expr", Value(join(tests, " && "))}})};
}

}  // namespace cml::vega::lite

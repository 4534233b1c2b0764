// From a scale's definition to resolved properties: domains out of data, ranges by name (vega-parser's scale).
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "vega/expr/order.hpp"
#include "vega/runtime/fields.hpp"
#include "vega/runtime/group_scope.hpp"
#include "vega/transform/transform.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

struct DomainField {
  TableRef table;
  ColumnRef column;  // In row order.
};

class DomainReader {
 public:
  DomainReader(GroupScope& scope, std::string path, ScaleType type)
      : scope_(scope), path_(std::move(path)), type_(type) {}

  std::optional<Array> read(Value const& domain) {
    if (!domain.truthy()) return std::nullopt;
    if (domain.is_array()) return literal(domain.items());
    if (!domain.is_object()) fail(path_, "a domain must be an array, a data reference or a signal");
    if (domain.has("signal")) {
      Value const v = scope_.evaluate(domain["signal"].string(), path_ + ".signal");
      if (v.is_nullish()) return std::nullopt;
      if (!v.is_array()) fail(path_, "the signal of a domain must give an array");
      return v.items();
    }
    bool const discrete = type_ >= ScaleType::Ordinal || type_ == ScaleType::BinOrdinal;
    std::vector<DomainField> fields;
    if (domain["fields"].is_array()) {
      for (auto const& field : domain["fields"].items()) fields.push_back(reference(field, domain["data"]));
      if (discrete) return merged_values(fields, domain["sort"]);
    } else {
      fields.push_back(reference(domain, domain["data"]));
      if (discrete) return single_values(fields[0], domain["sort"]);
    }
    return type_ == ScaleType::Quantile ? all_values(fields) : extent(fields, domain["fields"].is_array());
  }

 private:
  Array literal(Array const& items) {
    Array out;
    for (auto const& item : items) out.push_back(scope_.resolve(item, path_));
    return out;
  }

  DomainField reference(Value const& field, Value const& data_name) {
    if (field.is_array() || (field.is_object() && field.has("signal"))) {
      Value const values =
          field.is_array() ? Value(literal(field.items())) : scope_.evaluate(field["signal"].string(), path_);
      std::vector<Value> cells;
      auto const take = [&cells](Value const& v) { cells.push_back(v.is_object() ? v["data"] : v); };
      if (values.is_array())
        for (auto const& v : values.items()) take(v);
      else
        take(values);
      auto column = Column::of_values(cells);
      return {make_ref<Table>(std::vector<Table::Field>{{Str("data"), column}}, cells.size()), column};
    }
    Value const name = field.is_object() && field.has("data") ? field["data"] : data_name;
    Value path = field.is_string() ? field : field["field"];
    if (path.is_object()) path = path.has("signal") ? scope_.resolve(path, path_) : path["field"];
    auto table = scope_.data(name.to_string());
    if (!table) fail(path_, "cannot find dataset \"" + name.to_string() + "\"");
    return {table, field_column(*table, path.to_string())};
  }

  // The least and greatest number of a column; NaN without any, and where one is infinite, as the reference takes none
  // from such a field.
  std::pair<double, double> extent_of(Column const& column) {
    double low = std::nan(""), high = std::nan("");
    for (std::size_t i = 0; i < column.size(); ++i) {
      if (column.is_nullish_at(i)) continue;
      double v = 0;
      if (column.numeric()) {
        v = column.numbers()[i];
      } else {
        Value const cell = column.at(i);
        if (cell.is_string() && cell.string().empty()) continue;
        v = cell.to_number();
      }
      if (std::isnan(v)) continue;
      if (!(low <= v)) low = v;
      if (!(high >= v)) high = v;
    }
    if (!std::isinf(low) && !std::isinf(high)) return {low, high};
    scope_.view().diagnostics.warn(
        path_, "a field reaches from " + number_to_string(low) + " to " + number_to_string(high) + " and is left out");
    return {std::nan(""), std::nan("")};
  }
  // Without any value: undefined for one field, inverted infinities for several (`zero` makes 0 of them), as in the
  // reference.
  Array extent(std::vector<DomainField> const& fields, bool several) {
    double const infinity = std::numeric_limits<double>::infinity();
    double low = infinity, high = -infinity;
    for (auto const& field : fields) {
      auto const [least, greatest] = extent_of(*field.column);
      if (least < low) low = least;
      if (greatest > high) high = greatest;
    }
    return low <= high || several ? Array{low, high} : Array{Value(), Value()};
  }
  Array all_values(std::vector<DomainField> const& fields) {
    Array out;
    for (auto const& field : fields)
      for (std::size_t i = 0; i < field.column->size(); ++i) out.push_back(field.column->at(i));
    return out;
  }

  // Distinct values with what they sort by.
  struct Entry {
    Value value;
    double count = 0;
    Value by;
  };
  using Index = std::unordered_map<Value, std::size_t, ValueHash>;

  std::vector<Entry> distinct(DomainField const& field, Index& index) {
    std::vector<Entry> entries;
    auto const& column = *field.column;
    std::vector<std::size_t> of_code(column.kind() == Column::Kind::String ? column.dictionary().size() : 0, SIZE_MAX);
    for (std::size_t i = 0; i < column.size(); ++i) {
      std::size_t* slot = nullptr;
      if (!of_code.empty() && column.codes()[i] < of_code.size()) {
        slot = &of_code[column.codes()[i]];
        if (*slot != SIZE_MAX) {
          ++entries[*slot].count;
          continue;
        }
      }
      Value v = column.at(i);
      auto const [found, added] = index.emplace(v, entries.size());
      if (added) entries.push_back({std::move(v), 0, {}});
      ++entries[found->second].count;
      if (slot) *slot = found->second;
    }
    return entries;
  }

  static std::string aggregate_name(Value const& sort) {
    std::string field;
    for (char c : sort["field"].to_string()) field += std::isalnum(static_cast<unsigned char>(c)) || c == '_' ? c : '_';
    return field;
  }

  // The sort keys of one dataset's values: the key itself, its count, or an aggregate of another field.
  void sort_keys(DomainField const& field, std::vector<Entry>& entries, Index const& index, Value const& sort) {
    std::string const op = scope_.resolve(sort["op"], path_).string_or("") == ""
                               ? ""
                               : std::string(scope_.resolve(sort["op"], path_).string());
    std::string const by = sort["field"].is_object() ? scope_.resolve(sort["field"], path_).to_string()
                                                     : std::string(sort["field"].string_or(""));
    if (op.empty() && (by.empty() || by == "key")) {
      for (auto& e : entries) e.by = e.value;
      return;
    }
    if (op == "count" || (op.empty() && by == "count")) {
      for (auto& e : entries) e.by = e.count;
      return;
    }
    if (op.empty()) return;
    Value const transform = Value::object({{"type", "aggregate"},
                                           {"groupby", Value::array({"key"})},
                                           {"ops", Value::array({op})},
                                           {"fields", Value::array({"by"})},
                                           {"as", Value::array({"value"})}});
    auto const input = make_ref<Table>(
        std::vector<Table::Field>{{Str("key"), field.column}, {Str("by"), field_column(*field.table, by)}},
        field.column->size());
    TransformContext context{scope_, path_ + ".sort", scope_.view().diagnostics, {}};
    auto const table = apply_transform(input, transform, context);
    for (std::size_t i = 0; i < table->size(); ++i)
      if (auto const found = index.find(table->get(i, "key")); found != index.end())
        entries[found->second].by = table->get(i, "value");
  }

  Array ordered(std::vector<Entry> entries, Value const& sort) {
    if (sort.truthy()) {
      bool const descending = scope_.resolve(sort["order"], path_).string_or("") == "descending";
      std::vector<std::uint32_t> order(entries.size());
      std::iota(order.begin(), order.end(), 0u);
      sort_as_v8(order.data(), order.data() + order.size(), [&](std::uint32_t a, std::uint32_t b) {
        int const c = ascending(entries[a].by, entries[b].by);
        return c == 0 ? (a < b ? -1 : a > b) : descending ? -c : c;
      });
      std::vector<Entry> sorted;
      for (std::uint32_t const at : order) sorted.push_back(std::move(entries[at]));
      entries = std::move(sorted);
    }
    Array out;
    for (auto& e : entries) out.push_back(std::move(e.value));
    return out;
  }
  static Value sort_object(Value const& sort) { return sort.is_object() ? sort : Value(Object()); }

  Array single_values(DomainField const& field, Value const& sort) {
    Index index;
    auto entries = distinct(field, index);
    if (sort.truthy()) sort_keys(field, entries, index, sort_object(sort));
    return ordered(std::move(entries), sort.truthy() ? sort_object(sort) : Value());
  }

  Array merged_values(std::vector<DomainField> const& fields, Value const& sort) {
    Value const options = sort_object(sort);
    std::string const op = std::string(options["op"].string_or(""));
    if (!op.empty() && op != "min" && op != "max" && op != "count")
      fail(path_, "domains of several fields cannot be sorted by \"" + op + "\"; use min, max or count");
    Index index;
    std::vector<Entry> merged;
    for (auto const& field : fields) {
      Index own;
      auto entries = distinct(field, own);
      if (sort.truthy()) sort_keys(field, entries, own, options);
      for (auto& e : entries) {
        auto const [found, added] = index.emplace(e.value, merged.size());
        if (added) {
          merged.push_back(std::move(e));
          continue;
        }
        auto& into = merged[found->second];
        into.count += e.count;
        if (op == "min" && ascending(e.by, into.by) < 0)
          into.by = e.by;
        else if (op == "max" && ascending(e.by, into.by) > 0)
          into.by = e.by;
        else if (op == "count")
          into.by = into.count;
      }
    }
    return ordered(std::move(merged), sort.truthy() ? options : Value());
  }

  GroupScope& scope_;
  std::string path_;
  ScaleType type_;
};

void resolve_range(Value const& given, ScaleConfig& config, ScaleType type, std::string const& path,
                   GroupScope& scope) {
  Value range = given;
  bool const discrete = type >= ScaleType::Ordinal || type == ScaleType::BinOrdinal;
  for (int hops = 0; range.is_string(); ++hops) {
    auto const name = range.string();
    Value const& named = scope.view().config["range"];
    if (named.has(name) && hops < 8)
      range = named[name];
    else if (name == "width")
      range = Value::array({0, Value::object({{"signal", "width"}})});
    else if (name == "height") {
      Value const height = Value::object({{"signal", "height"}});
      range = discrete ? Value::array({0, height}) : Value::array({height, 0});
    } else {
      fail(path, "unrecognized scale range \"" + std::string(name) + "\"");
    }
  }
  auto const list = [&](Value const& v) {
    if (!v.is_array()) return scope.resolve(v, path);
    Array out;
    for (auto const& item : v.items()) out.push_back(scope.resolve(item, path));
    return Value(std::move(out));
  };
  if (range.is_object() && range.has("signal")) {
    Value const v = scope.resolve(range, path);
    if (v.is_array()) config.range = v.items();
    return;
  }
  if (range.is_object() && range["scheme"].truthy()) {
    config.scheme = list(range["scheme"]);
    if (range["extent"].truthy()) config.scheme_extent = list(range["extent"]);
    if (range["count"].truthy()) config.scheme_count = scope.resolve(range["count"], path);
    return;
  }
  if (range.is_object() && range["step"].truthy()) {
    config.range_step = scope.resolve(range["step"], path);
    return;
  }
  if (range.is_object() && discrete) {
    config.range = DomainReader(scope, path, type).read(range);
    return;
  }
  if (!range.is_array()) fail(path, "unsupported range");
  Array out;
  for (auto const& item : range.items()) out.push_back(list(item));
  config.range = std::move(out);
}

}  // namespace

ScaleConfig resolve_scale(Value const& spec, std::string const& path, GroupScope& scope) {
  ScaleConfig config;
  config.name = spec["name"].string();
  config.type = std::string(spec["type"].string_or("linear"));
  auto const type = scale_type(config.type);
  if (!type) fail(path + ".type", "unrecognized scale type \"" + config.type + "\"");
  auto const property = [&](char const* key) { return scope.resolve(spec[key], path + "." + key); };
  config.domain = DomainReader(scope, path + ".domain", *type).read(spec["domain"]);
  if (config.domain && config.domain->size() == 2 && config.domain->front().is_undefined() &&
      config.domain->back().is_undefined())
    config.domain =
        Array{Value(std::nan("")), Value(std::nan(""))};  // No data: as the reference, positions become NaN.
  config.domain_raw = property("domainRaw");
  config.domain_min = property("domainMin");
  config.domain_max = property("domainMax");
  config.domain_mid = property("domainMid");
  config.zero = property("zero");
  config.nice = spec["nice"].is_object() && !spec["nice"].has("signal")
                    ? Value::object({{"interval", scope.resolve(spec["nice"]["interval"], path)},
                                     {"step", scope.resolve(spec["nice"]["step"], path)}})
                    : property("nice");
  config.padding = property("padding");
  // `padding` sets the inner and the outer one; the reference applies properties in the order in which they stand.
  for (auto const& [key, value] : spec.properties()) {
    if (key == "paddingInner")
      config.padding_inner = property("paddingInner");
    else if (key == "paddingOuter")
      config.padding_outer = property("paddingOuter");
    else if (key == "padding")
      config.padding_inner = config.padding_outer = Value();
  }
  config.align = property("align");
  config.round = property("round");
  config.reverse = property("reverse");
  config.clamp = property("clamp");
  config.base = property("base");
  config.exponent = property("exponent");
  config.constant = property("constant");
  config.domain_implicit = property("domainImplicit");
  if (Value const i = spec["interpolate"]; !i.is_nullish()) {
    config.interpolate =
        i.is_object() && i.has("type") ? scope.resolve(i["type"], path) : scope.resolve(i, path + ".interpolate");
    if (i.is_object() && i.has("gamma")) config.interpolate_gamma = scope.resolve(i["gamma"], path);
  }
  if (Value const bins = spec["bins"]; !bins.is_nullish()) {
    if (bins.is_object() && !bins.has("signal")) {
      config.bins = Value::object({{"start", scope.resolve(bins["start"], path)},
                                   {"stop", scope.resolve(bins["stop"], path)},
                                   {"step", scope.resolve(bins["step"], path)}});
    } else if (bins.is_array()) {
      Array out;
      for (auto const& b : bins.items()) out.push_back(scope.resolve(b, path));
      config.bins = Value(std::move(out));
    } else {
      config.bins = property("bins");
    }
  }
  if (!spec["range"].is_nullish()) resolve_range(spec["range"], config, *type, path + ".range", scope);
  return config;
}

}  // namespace cml::vega

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vega/expr/order.hpp"
#include "vega/runtime/build.hpp"
#include "vega/runtime/encode.hpp"
#include "vega/runtime/fields.hpp"
#include "vega/scene/shapes.hpp"
#include "vega/transform/transform.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

constexpr int kMaxGroupDepth = 64;

bool is_guide_role(std::string_view role) {
  return role.starts_with("axis") || role.starts_with("legend") || role.starts_with("title");
}

// The rows of a facet's dataset that belong to each item of the group mark.
struct Facet {
  std::string name;
  std::vector<TableRef> tables;
  bool skip_empty = false;  // Groups of a cross product without rows get no content, as the reference makes none.
};

TableRef table_of(Value const& ref, GroupScope& scope, std::string const& path) {
  if (ref.is_table()) return ref.table_ref();
  auto table = scope.data(ref.to_string());
  if (!table) fail(path, "cannot find dataset \"" + ref.to_string() + "\"");
  return table;
}

std::vector<std::string> field_names(Value const& fields, GroupScope& scope, std::string const& path) {
  std::vector<std::string> names;
  auto const one = [&](Value const& f) {
    Value v = scope.resolve(f, path);
    if (v.is_object()) v = v["field"];
    names.push_back(v.to_string());
  };
  if (fields.is_array())
    for (auto const& f : fields.items()) one(f);
  else if (!fields.is_nullish())
    one(fields);
  return names;
}

// The group key of every row: one cell, or an array of several.
std::vector<Value> row_keys(Table const& table, std::vector<std::string> const& fields) {
  std::vector<ColumnRef> columns;
  for (auto const& f : fields) columns.push_back(field_column(table, f));
  std::vector<Value> keys(table.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (columns.size() == 1) {
      keys[i] = columns[0]->at(i);
    } else {
      Array parts;
      for (auto const& c : columns) parts.push_back(c->at(i));
      keys[i] = Value(std::move(parts));
    }
  }
  return keys;
}

// The join of marks with data: one item a row. Fills `facet` for faceted groups.
TableRef join_data(Value const& from, bool group, GroupScope& scope, std::string const& path, Facet& facet) {
  if (!from.is_object()) return make_ref<Table>(std::size_t{1});
  Value const spec = from["facet"];
  if (!spec.is_object()) return table_of(from["data"], scope, path + ".from");
  auto const where = path + ".from.facet";
  if (!group) fail(where, "only group marks can be faceted");
  if (!spec["name"].is_string()) fail(where, "a facet needs a name");
  if (spec["data"].is_nullish()) fail(where, "a facet needs a dataset");
  facet.name = spec["name"].string();
  auto const data = table_of(spec["data"], scope, where);
  if (!spec["field"].is_nullish()) {
    auto const column = field_column(*data, scope.resolve(spec["field"], where).to_string());
    for (std::size_t i = 0; i < data->size(); ++i) facet.tables.push_back(Table::from_rows(column->at(i).items()));
    return data;
  }
  if (spec["groupby"].is_nullish()) fail(where, "a facet needs groupby or field");
  facet.skip_empty = true;
  auto const fields = field_names(spec["groupby"], scope, where);
  TableRef groups;
  if (from["data"].truthy()) {
    groups = table_of(from["data"], scope, path + ".from");
  } else {
    Value transform =
        Value::object({{"type", "aggregate"},
                       {"groupby", spec["groupby"].is_array() ? spec["groupby"] : Value::array({spec["groupby"]})}});
    for (auto const& [key, value] : spec["aggregate"].properties()) transform.set(key, value);
    TransformContext context{scope, where + ".aggregate", scope.view().diagnostics, {}};
    groups = apply_transform(data, transform, context);
  }
  std::unordered_map<Value, std::vector<std::uint32_t>, ValueHash> rows;
  auto const keys = row_keys(*data, fields);
  for (std::uint32_t i = 0; i < keys.size(); ++i) rows[keys[i]].push_back(i);
  // An aggregate names its output fields by the last part of nested paths; the group's own keys are read by name first.
  std::vector<std::string> own = fields;
  for (auto& f : own)
    if (!groups->column(f))
      if (auto const parts = split_path(f); parts.size() > 1 && groups->column(parts.back())) f = parts.back();
  for (auto const& key : row_keys(*groups, own)) {
    auto const found = rows.find(key);
    facet.tables.push_back(data->select(found == rows.end() ? std::vector<std::uint32_t>() : found->second));
  }
  return groups;
}

// A sort key of items: "datum.a.b" reads the data, other paths a channel.
ColumnRef item_field(Mark const& mark, std::string_view path) {
  auto const parts = split_path(path);
  if (!parts.empty() && parts[0] == "datum") {
    if (!mark.data || parts.size() == 1) return Column::repeat(Value(), mark.count);
    ColumnRef root;
    for (auto const& field : mark.data->fields())
      if (field.name.view() == parts[1]) {
        root = field.column;
        if (mark.data->selected()) root = field_column(*mark.data, "[\"" + parts[1] + "\"]");
      }
    if (!root) return Column::repeat(Value(), mark.count);
    if (parts.size() == 2) return root;
    ColumnBuilder out;
    for (std::size_t i = 0; i < mark.count; ++i) out.push(read_path(root->at(i), parts, 2));
    return out.finish();
  }
  auto const channel = parts.empty() ? std::nullopt : find_channel(parts[0]);
  if (!channel || !mark[*channel].present()) return Column::repeat(Value(), mark.count);
  return mark[*channel].column() ? mark[*channel].column()
                                 : Column::repeat(mark[*channel].constant_value(), mark.count);
}

void sort_items(Mark& mark, Value const& sort, GroupScope& scope, std::string const& path, Facet& facet) {
  auto const list = [](Value const& v) { return v.is_array() ? v.items() : Array{v}; };
  std::vector<ColumnRef> keys;
  std::vector<bool> descending;
  auto const orders = list(sort["order"]);
  for (auto const& field : list(sort["field"])) {
    Value const f = field.is_object() && field.has("expr") ? Value() : scope.resolve(field, path);
    if (field.is_object() && field.has("expr")) {
      ColumnBuilder out;
      auto const& expression = scope.view().expression(field["expr"].string(), path);
      ItemValues const items(mark);
      for (std::size_t i = 0; i < mark.count; ++i) {
        Value const item = items.at(i);
        out.push(expression.evaluate(scope, {nullptr, 0, &item}));
      }
      keys.push_back(out.finish());
    } else if (f.is_nullish()) {
      continue;
    } else {
      keys.push_back(item_field(mark, f.to_string()));
    }
    Value const order = descending.size() < orders.size() ? scope.resolve(orders[descending.size()], path) : Value();
    descending.push_back(order.string_or("") == "descending");
  }
  if (keys.empty()) return;
  auto const compare = [&](std::uint32_t a, std::uint32_t b) {
    for (std::size_t k = 0; k < keys.size(); ++k) {
      auto const& c = *keys[k];
      int order = 0;
      if (c.kind() == Column::Kind::Number && !std::isnan(c.numbers()[a]) && !std::isnan(c.numbers()[b]))
        order = c.numbers()[a] < c.numbers()[b] ? -1 : c.numbers()[a] > c.numbers()[b] ? 1 : 0;
      else
        order = ascending(c.at(a), c.at(b));
      if (order) return descending[k] ? -order : order;
    }
    return a < b ? -1 : a > b ? 1 : 0;
  };
  auto const before = [&](std::uint32_t a, std::uint32_t b) { return compare(a, b) < 0; };
  std::vector<std::uint32_t> order(mark.count);
  std::iota(order.begin(), order.end(), 0u);
  if (std::is_sorted(order.begin(), order.end(), before)) return;
  bool const ordered = std::all_of(keys.begin(), keys.end(), [](ColumnRef const& key) { return has_order(*key); });
  if (ordered)
    std::stable_sort(order.begin(), order.end(), before);
  else
    sort_as_v8(order.data(), order.data() + order.size(), compare);
  for (auto& channel : mark.channels) channel.gather(order);
  if (mark.data) mark.data = mark.data->select(order);
  if (!facet.tables.empty()) {
    std::vector<TableRef> tables;
    for (auto i : order) tables.push_back(facet.tables[i]);
    facet.tables = std::move(tables);
  }
}

void transform_items(Mark& mark, Value const& transforms, GroupScope& scope, std::string const& path) {
  auto table = mark_table(mark);
  std::size_t index = 0;
  for (auto const& transform : transforms.items()) {
    TransformContext context{scope, path + ".transform[" + std::to_string(index++) + "]", scope.view().diagnostics, {}};
    table = apply_transform(table, transform, context);
    if (auto const output = transform["signal"]; output.is_string())
      scope.define_signal(output.string(), context.signal);
  }
  if (table->size() != mark.count) fail(path + ".transform", "transforms of marks must not add or remove items");
  for (auto const& field : table->fields()) {
    auto const name = field.name.view();
    if (name == "datum") continue;
    auto column = field_column(*table, "[\"" + std::string(name) + "\"]");
    Channel channel = mark.count == 1 ? Channel(column->at(0)) : Channel(std::move(column));
    if (auto const known = find_channel(name))
      mark[*known] = std::move(channel);
    else
      mark.set_own(name, std::move(channel));
  }
}

ClipPath clip_of(Value const& clip, GroupScope& scope, std::string const& path) {
  ClipPath out;
  if (clip.is_object()) {
    if (clip.has("path")) {
      Value const data = scope.resolve(clip["path"], path + ".clip");
      out.path = data.string_or("");
      return out;
    }
    if (clip.has("sphere")) {
      Value const name = scope.resolve(clip["sphere"], path + ".clip");
      out.path = scope.geo("shape", name.string_or(""), Value::object({{"type", "Sphere"}})).to_string();
      return out;
    }
  }
  Value const v = scope.resolve(clip, path + ".clip");
  if (v.is_string())
    out.path = v.string();
  else
    out.group = v.truthy();
  return out;
}

}  // namespace

std::unique_ptr<Mark> build_mark(Value const& spec, GroupScope& scope, Mark& group, std::size_t item,
                                 std::string const& path) {
  auto& view = scope.view();
  auto const type = find_mark_type(spec["type"].string_or(""));
  if (!type)
    fail(path + ".type",
         "unknown mark type \"" + spec["type"].to_string() +
             "\"; known are arc, area, group, image, line, path, rect, rule, shape, symbol, text, trail");
  auto out = std::make_unique<Mark>();
  Mark& mark = *out;
  mark.type = *type;
  mark.name = spec["name"].string_or("");
  mark.parent = &group;
  mark.parent_item = item;
  bool const is_group = *type == MarkType::Group;
  std::string const given = std::string(spec["role"].string_or(""));
  bool const guide = is_guide_role(given);
  std::string const role = guide ? given : is_group ? "scope" : given.empty() ? "mark" : given;
  mark.role = given.empty() ? role : given;
  Value const zindex = scope.resolve(spec["zindex"], path);
  mark.zindex = zindex.is_nullish() || std::isnan(zindex.to_number()) ? 0 : zindex.to_number();
  mark.aria = scope.resolve(spec["aria"], path);
  mark.aria_description = scope.resolve(spec["description"], path).string_or("");
  mark.caption = spec["caption"].string_or("");
  Value const interactive = scope.resolve(spec["interactive"], path);
  mark.interactive = !(interactive.is_boolean() && !interactive.boolean());
  mark.clip = clip_of(spec["clip"], scope, path);

  budget::Place const place(path);
  budget::steps(10'000);
  budget::bytes(sizeof(Mark));
  Facet facet;
  mark.data = join_data(spec["from"], is_group, scope, path, facet);
  mark.count = mark.data->size();
  view.items += mark.count;
  if (view.items > view.options.max_items)
    fail(path, "more than " + std::to_string(view.options.max_items) + " items to draw");
  budget::steps(1000 * mark.count);
  budget::bytes(sizeof(Bounds) * mark.count);

  encode_mark(mark, spec["encode"], role, spec["style"], scope, path);
  if (spec["transform"].is_array()) transform_items(mark, spec["transform"], scope, path);
  if (spec["sort"].is_object()) sort_items(mark, spec["sort"], scope, path + ".sort", facet);

  if (is_group) {
    if (++view.depth > kMaxGroupDepth)
      fail(path, "groups are nested deeper than " + std::to_string(kMaxGroupDepth) + " levels");
    mark.groups.resize(mark.count);
    for (std::size_t i = 0; i < mark.count; ++i) {
      if (guide) {
        std::size_t k = 0;
        for (auto const& child : spec["marks"].items())
          mark.groups[i].marks.push_back(
              build_mark(child, scope, mark, i, path + ".marks[" + std::to_string(k++) + "]"));
      } else if (!(facet.skip_empty && facet.tables[i]->size() == 0)) {
        GroupScope inner(view, &scope, spec, path, &mark, i);
        if (!facet.name.empty()) inner.define_data(facet.name, facet.tables[i]);
        build_group_content(inner);
      }
    }
    --view.depth;
    if (!guide || spec["layout"].is_object()) layout_group(mark, spec["layout"], scope, {});
  }
  compute_bounds(mark, view.context);
  if (spec["overlap"].is_object()) remove_overlap(mark, spec["overlap"], scope);
  if (!mark.name.empty()) scope.define_mark(mark.name, &mark);
  return out;
}

void build_group_content(GroupScope& scope) {
  draw_random_in_order(scope);
  Value const& spec = scope.spec();
  Mark& group = *scope.group();
  std::size_t const item = scope.group_item();
  auto& marks = group.groups[item].marks;
  auto const each = [&](char const* key, auto build) {
    std::size_t i = 0;
    for (auto const& part : spec[key].items()) {
      auto const path = scope.path() + "." + key + "[" + std::to_string(i++) + "]";
      marks.push_back(build_mark(build(part, path), scope, group, item, path));
    }
  };
  each("axes", [&](Value const& axis, std::string const& path) { return axis_marks(axis, scope, path); });
  each("marks", [](Value const& mark, std::string const&) { return mark; });
  each("legends", [&](Value const& legend, std::string const& path) { return legend_marks(legend, scope, path); });
  if (Value const title = spec["title"]; title.truthy())
    marks.push_back(build_mark(title_marks(title, scope), scope, group, item, scope.path() + ".title"));
}

}  // namespace cml::vega

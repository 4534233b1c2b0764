// Vega-Lite's selections: whether a datum is in one, and what a selection holds (vega-selections). The stores are
// datasets of {unit, fields: [{field, type}], values} or of {unit, _vgsid_}.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <unordered_set>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/error.hpp"
#include "vega/value/table.hpp"

namespace cml::vega {
namespace {

constexpr char kId[] = "_vgsid_";

Value without_date(Value const& v) { return v.is_date() ? Value(v.number()) : v; }

// A field may be a path of members: datum["a"]["b"] is written a.b or a[b]; a backslash keeps a dot.
Value member_at(Value const& datum, std::string_view path) {
  if (path.find_first_of(".[\\") == std::string_view::npos) return property_of(datum, path);
  if (datum.has(path)) return datum[path];
  Value at = datum;
  std::string name;
  auto const step = [&] {
    if (name.empty()) return;
    at = property_of(at, std::string_view(name));
    name.clear();
  };
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '\\' && i + 1 < path.size())
      name += path[++i];
    else if (path[i] == '.' || path[i] == '[' || path[i] == ']')
      step();
    else if (path[i] != '"' && path[i] != '\'')
      name += path[i];
  }
  step();
  return at;
}

bool within(Value const& value, Value const& range, bool left, bool right) {
  if (!is_list(range) || range.size() == 0) return false;
  auto low = without_date(property_of(range, 0.0)),
       high = without_date(property_of(range, static_cast<double>(range.size() - 1)));
  if (js_less(high, low)) std::swap(low, high);
  return (left ? js_less_equal(low, value) : js_less(low, value)) &&
         (right ? js_less_equal(value, high) : js_less(value, high));
}
bool holds(Value const& list, Value const& value) {
  auto const items = list_of(list);
  return std::any_of(items.begin(), items.end(), [&](Value const& item) { return js_same(without_date(item), value); });
}

bool test_point(Value const& datum, Value const& entry) {
  auto const fields = list_of(entry["fields"]);
  auto const& values = entry["values"];
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto const type = fields[i]["type"].string();
    auto const cell = without_date(member_at(datum, fields[i]["field"].string()));
    auto const wanted = without_date(property_of(values, static_cast<double>(i)));
    bool ok = true;
    if (type == "E")
      ok = is_list(wanted) ? holds(wanted, cell) : js_same(cell, wanted);
    else if (type == "R")
      ok = within(cell, wanted, true, true);
    else if (type == "R-RE")
      ok = within(cell, wanted, true, false);
    else if (type == "R-E")
      ok = within(cell, wanted, false, false);
    else if (type == "R-LE")
      ok = within(cell, wanted, false, true);
    else if (type == "E-LT")
      ok = !js_less_equal(wanted, cell);
    else if (type == "E-LTE")
      ok = !js_less(wanted, cell);
    else if (type == "E-GT")
      ok = !js_less_equal(cell, wanted);
    else if (type == "E-GTE")
      ok = !js_less(cell, wanted);
    else if (type == "E-VALID")
      ok = !cell.is_null() && !std::isnan(cell.to_number());
    else if (type == "E-ONE")
      ok = holds(wanted, cell);
    if (!ok) return false;
  }
  return true;
}

// Text that is the same for values that are ===, and for no others. False: only identity tells (lists, objects), or
// nothing is the same as it (NaN).
bool append_key(std::string& key, Value const& value) {
  switch (value.type()) {
    case Type::Undefined:
      key += 'u';
      return true;
    case Type::Null:
      key += '0';
      return true;
    case Type::Boolean:
      key += value.boolean() ? 't' : 'f';
      return true;
    case Type::Number: {
      double const n = value.number() == 0 ? 0 : value.number();
      char bytes[sizeof n];
      std::memcpy(bytes, &n, sizeof n);
      key += 'n';
      key.append(bytes, sizeof n);
      return !std::isnan(n);
    }
    case Type::String:
      key += 's';
      key += std::to_string(value.string().size());
      key += ':';
      key += value.string();
      return true;
    default:
      return false;
  }
}

// A selection's entries, ready to be asked once a row: points (tuples of values, a thousand after a brush) by hash, the
// others (ranges, lists) one after the other.
class Entries {
 public:
  void read(TableRef const& table) {
    all_ = table ? list_of(Value(table)) : Array();
    units_.clear();
    for (auto const& entry : all_) {
      auto& unit = unit_of(js_string(entry["unit"]));
      std::string id;
      if (append_key(id, entry[kId])) unit.ids.insert(std::move(id));
      if (!add_point(unit, entry)) unit.others.push_back(entry);
    }
  }
  Array const& all() const { return all_; }

  bool holds_point(Value const& datum, bool intersect) const {
    return judge(intersect, [&](Unit const& unit) {
      for (auto const& [fields, keys] : unit.points) {
        std::string key;
        bool comparable = true;
        for (auto const& field : fields)
          comparable = comparable && append_key(key, without_date(member_at(datum, field)));
        if (comparable && keys.contains(key)) return true;
      }
      return std::any_of(unit.others.begin(), unit.others.end(),
                         [&](Value const& entry) { return test_point(datum, entry); });
    });
  }
  bool holds_id(Value const& id, bool intersect) const {
    std::string key;
    bool const comparable = append_key(key, id);
    return judge(intersect, [&](Unit const& unit) { return comparable && unit.ids.contains(key); });
  }

 private:
  using Keys = std::unordered_set<std::string>;
  struct Unit {
    std::string name;
    std::vector<std::pair<std::vector<std::string>, Keys>> points;  // By the fields that they name.
    Array others;
    Keys ids;
  };
  // Entries of one unit are alternatives; of an intersection every unit must agree.
  template <class Hit>
  bool judge(bool intersect, Hit hit) const {
    if (!intersect) return std::any_of(units_.begin(), units_.end(), hit);
    return !units_.empty() && std::all_of(units_.begin(), units_.end(), hit);
  }
  Unit& unit_of(std::string name) {
    for (auto& unit : units_)
      if (unit.name == name) return unit;
    units_.push_back({std::move(name), {}, {}, {}});
    return units_.back();
  }
  static bool add_point(Unit& unit, Value const& entry) {
    std::vector<std::string> names;
    std::string key;
    auto const fields = list_of(entry["fields"]);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      auto const wanted = without_date(property_of(entry["values"], static_cast<double>(i)));
      if (fields[i]["type"].string() != "E" || !append_key(key, wanted)) return false;
      names.emplace_back(fields[i]["field"].string());
    }
    auto const found =
        std::find_if(unit.points.begin(), unit.points.end(), [&](auto const& points) { return points.first == names; });
    if (found != unit.points.end())
      found->second.insert(std::move(key));
    else
      unit.points.push_back({std::move(names), {std::move(key)}});
    return true;
  }
  Array all_;
  std::vector<Unit> units_;
};

// Tests run once a row of another dataset, and one expression may ask several stores in turn.
Entries const& store(Call const& c) {
  struct Kept {
    TableRef table;
    Entries entries;
  };
  constexpr std::size_t kStores = 8;
  thread_local std::array<Kept, kStores> kept;
  thread_local std::size_t next = 0;
  auto table = c.scope.data(js_string(c[0]));
  for (auto const& known : kept)
    if (table && known.table == table) return known.entries;
  auto& fresh = kept[next++ % kStores];
  fresh.table = table;
  fresh.entries.read(table);
  return fresh.entries;
}

Value selection_test(Call const& c) {
  auto const& entries = store(c);
  if (entries.all().empty()) return 0;  // As the reference has it: zero, not false.
  return entries.holds_point(c[1], c[2].string() == "intersect");
}
Value selection_id_test(Call const& c) { return store(c).holds_id(c[1][kId], c[2].string() == "intersect"); }

// --- vlSelectionResolve ---------------------------------------------------------------------------------------------

Array list_or_one(Value const& v) { return is_list(v) ? list_of(v) : v.is_nullish() ? Array() : Array{v}; }

Array unite(Array base, Array const& more, bool range) {
  if (!range) {
    if (base.empty()) return more;
    for (auto const& v : more)
      if (std::none_of(base.begin(), base.end(), [&](Value const& b) { return js_same(b, v); })) base.push_back(v);
    return base;
  }
  if (more.size() < 2) return base;
  double low = more[0].to_number(), high = more[1].to_number();
  if (low > high) std::swap(low, high);
  if (base.empty()) return {low, high};
  return {std::fmin(base[0].to_number(), low), std::fmax(base[1].to_number(), high)};
}
Array intersect(Array base, Array const& more, bool range) {
  if (base.empty()) return range ? unite(base, more, true) : more;
  if (!range) {
    base.erase(std::remove_if(base.begin(), base.end(),
                              [&](Value const& v) {
                                return std::none_of(more.begin(), more.end(),
                                                    [&](Value const& m) { return js_same(m, v); });
                              }),
               base.end());
    return base;
  }
  if (more.size() < 2) return base;
  double low = more[0].to_number(), high = more[1].to_number();
  if (low > high) std::swap(low, high);
  if (high < base[0].to_number() || base[1].to_number() < low) return {};
  return {std::fmax(base[0].to_number(), low), std::fmin(base[1].to_number(), high)};
}

Value selection_resolve(Call const& c) {
  struct Group {  // The values of one field in one unit.
    std::string field, unit;
    bool range = false;
    Array values;
  };
  struct Multi {
    std::string unit;
    Array entries;
  };
  std::vector<Group> groups;
  std::vector<Multi> multi;
  bool const is_multi = c[2].truthy(), both = c[1].string() == "intersect";
  auto const group_of = [&](std::string field, std::string const& unit) -> Group& {
    for (auto& group : groups)
      if (group.field == field && group.unit == unit) return group;
    groups.push_back({std::move(field), unit, false, {}});
    return groups.back();
  };
  for (auto const& entry : store(c).all()) {
    auto const unit = js_string(entry["unit"]);
    Object tuple;
    if (entry["fields"].truthy() && entry["values"].truthy()) {
      auto const fields = list_of(entry["fields"]);
      for (std::size_t j = 0; j < fields.size(); ++j) {
        auto const field = js_string(fields[j]["field"]);
        auto const value = property_of(entry["values"], static_cast<double>(j));
        auto& group = group_of(field, unit);
        group.range = fields[j]["type"].string().substr(0, 1) == "R";
        group.values = unite(std::move(group.values), list_or_one(value), group.range);
        tuple[field] = value;
      }
    } else {
      group_of(kId, unit).values.push_back(entry[kId]);
      tuple[kId] = entry[kId];
    }
    if (!is_multi) continue;
    auto found = std::find_if(multi.begin(), multi.end(), [&](Multi const& m) { return m.unit == unit; });
    if (found == multi.end()) found = multi.insert(multi.end(), {unit, {}});
    found->entries.emplace_back(std::move(tuple));
  }
  Object resolved;
  for (auto const& group : groups) {
    if (resolved.contains(group.field)) {
      auto const so_far = resolved[group.field].items();
      resolved[group.field] =
          both ? intersect(so_far, group.values, group.range) : unite(so_far, group.values, group.range);
    } else {
      resolved[group.field] = group.values;
    }
  }
  if (is_multi && !multi.empty()) {
    Array list;
    for (auto const& m : multi) {
      if (both)
        list.push_back(Value::object({{"or", Value(m.entries)}}));
      else
        list.insert(list.end(), m.entries.begin(), m.entries.end());
    }
    resolved[c[3].truthy() ? "vlPoint" : "vlMulti"] = Value::object({{both ? "and" : "or", Value(std::move(list))}});
  }
  return resolved;
}

Value selection_tuples(Call const& c) {
  if (!is_list(c[0])) fail("", "First argument to selectionTuples must be an array.");
  if (!c[1].is_object()) fail("", "Second argument to selectionTuples must be an object.");
  Array out;
  for (auto const& item : list_of(c[0])) {
    Object tuple;
    if (c[1]["fields"].truthy()) {
      Array values;
      for (auto const& field : list_of(c[1]["fields"]))
        values.push_back(member_at(item["datum"], field["field"].string()));
      tuple["values"] = std::move(values);
    } else {
      tuple[kId] = item["datum"][kId];
    }
    for (auto const& [key, value] : c[1].properties()) tuple[key] = value;
    out.emplace_back(std::move(tuple));
  }
  return out;
}

constexpr FunctionType kSelections[] = {
    {"vlSelectionTest", 2, -1, selection_test},
    {"vlSelectionIdTest", 2, -1, selection_id_test},
    {"vlSelectionResolve", 1, -1, selection_resolve},
    {"vlSelectionTuples", 2, -1, selection_tuples},
};

}  // namespace

std::span<FunctionType const> selection_functions() { return kSelections; }

}  // namespace cml::vega

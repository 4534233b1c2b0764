#include "vega/lite/predicate.hpp"

#include "vega/lite/time_unit.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

bool on_field(Value const& p, std::string_view test) { return p["field"].truthy() && has(p, test); }
bool is_range(Value const& p) {
  auto const& range = p["range"];
  return p["field"].truthy() && ((range.is_array() && range.size() == 2) || is_signal_ref(range));
}
bool is_one_of(Value const& p) { return p["field"].truthy() && (p["oneOf"].is_array() || p["in"].is_array()); }

}  // namespace

bool is_field_predicate(Value const& p) {
  for (auto test : {"equal", "lt", "gt", "lte", "gte"})
    if (on_field(p, test)) return true;
  return is_one_of(p) || is_range(p);
}

std::string field_valid_expression(std::string_view field_text, bool valid) {
  std::string const field(field_text);
  if (valid) return "isValid(" + field + ") && isFinite(+" + field + ")";
  return "!isValid(" + field + ") || !isFinite(+" + field + ")";
}

std::string field_predicate_expression(Context& ctx, Value const& p) {
  auto const unit = normalize_time_unit(p["timeUnit"]);
  bool const timed = unit["unit"].truthy();
  auto const raw = vg_field(p, {.expr = "datum"});
  auto const field =
      !timed
          ? raw
          : "time(" +
                (unit["binned"].truthy() ? raw : time_unit_field_expression(unit["unit"].to_string(), field_name(p))) +
                ")";
  auto const text = [&](Value const& v) {
    return value_expression(ctx, v, {unit["unit"], {}, true, false}).to_string();
  };
  constexpr std::pair<char const*, char const*> kComparisons[] = {
      {"equal", "==="}, {"lt", "<"}, {"gt", ">"}, {"lte", "<="}, {"gte", ">="}};
  for (auto const& [name, op] : kComparisons)
    if (on_field(p, name)) return field + op + text(p[name]);
  if (is_one_of(p)) {
    Strings values;
    for (auto const& v : (p["oneOf"].is_array() ? p["oneOf"] : p["in"]).items()) values.push_back(text(v));
    return "indexof([" + join(values, ",") + "], " + field + ") !== -1";
  }
  if (on_field(p, "valid")) return field_valid_expression(field, p["valid"].truthy());
  if (is_range(p)) {
    auto const range = signal_ref_or_value(p["range"]);
    Value lower = range.at(0), upper = range.at(1);
    if (is_signal_ref(range)) {
      lower = signal_ref(range["signal"].to_string() + "[0]");
      upper = signal_ref(range["signal"].to_string() + "[1]");
    }
    if (!lower.is_null() && !upper.is_null())
      return "inrange(" + field + ", [" + text(lower) + ", " + text(upper) + "])";
    Strings parts;
    if (!lower.is_null()) parts.push_back(field + " >= " + text(lower));
    if (!upper.is_null()) parts.push_back(field + " <= " + text(upper));
    return parts.empty() ? "true" : join(parts, " && ");
  }
  auto shown = stringify(p);
  if (shown.size() > 120) shown = shown.substr(0, 117) + "...";
  fail(ctx.path, "invalid filter predicate " + shown +
                     "; use an expression, a param, or a field with equal, lt, lte, gt, gte, range, oneOf or valid");
}

Value normalize_predicate(Value const& p) {
  if (!is_field_predicate(p) || !p["timeUnit"].truthy()) return p;
  Value out = p;
  out.set("timeUnit", normalize_time_unit(p["timeUnit"]));
  return out;
}

Value map_logical(Value const& op, std::function<Value(Value const&)> const& leaf) {
  if (has(op, "not")) return Value::object({{"not", map_logical(op["not"], leaf)}});
  for (auto key : {"and", "or"}) {
    if (!has(op, key)) continue;
    Array items;
    for (auto const& item : op[key].items()) items.push_back(map_logical(item, leaf));
    return Value::object({{key, items}});
  }
  return leaf(op);
}
void each_logical_leaf(Value const& op, std::function<void(Value const&)> const& leaf) {
  if (has(op, "not")) return each_logical_leaf(op["not"], leaf);
  for (auto key : {"and", "or"}) {
    if (!has(op, key)) continue;
    for (auto const& item : op[key].items()) each_logical_leaf(item, leaf);
    return;
  }
  leaf(op);
}
std::string logical_expression(Value const& op, std::function<std::string(Value const&)> const& leaf) {
  if (has(op, "not")) return "!(" + logical_expression(op["not"], leaf) + ")";
  for (auto key : {"and", "or"}) {
    if (!has(op, key)) continue;
    Strings parts;
    for (auto const& item : op[key].items()) parts.push_back(logical_expression(item, leaf));
    return "(" + join(parts, std::string_view(key) == "and" ? ") && (" : ") || (") + ")";
  }
  return leaf(op);
}

}  // namespace cml::vega::lite

#include "vega/lite/channel_def.hpp"

#include <algorithm>
#include <cmath>

#include "vega/lite/messages.hpp"
#include "vega/lite/scale/types.hpp"
#include "vega/lite/time_unit.hpp"
#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {
Value const kNone;
}

bool has_conditional_field_def(Value const& d) {
  auto const& c = d["condition"];
  return c.is_object() && is_field_def(c);
}
bool has_conditional_field_or_datum_def(Value const& d) {
  auto const& c = d["condition"];
  return c.is_object() && is_field_or_datum_def(c);
}
bool has_conditional_value_def(Value const& d) {
  auto const& c = d["condition"];
  return c.is_array() || (c.is_object() && is_value_def(c));
}
bool is_numeric_datum(Value const& d) { return d["datum"].is_number(); }
bool is_discrete_def(Value const& d) {
  auto const& type = d["type"];
  if (one_of(type, {"nominal", "ordinal", "geojson"})) return true;
  if (is(type, "quantitative")) return is_field_def(d) && d["bin"].truthy();
  if (is(type, "temporal")) return false;
  fail("", message::invalid_field_type(type));
}
bool is_continuous_def(Value const& d) { return (is_typed_field_def(d) && !is_discrete_def(d)) || is_numeric_datum(d); }
bool is_unbinned_quantitative_def(Value const& d) {
  return (is_typed_field_def(d) && is(d["type"], "quantitative") && !d["bin"].truthy()) || is_numeric_datum(d);
}
Value const& get_field_def(Value const& d) {
  if (is_field_def(d)) return d;
  return has_conditional_field_def(d) ? d["condition"] : kNone;
}
Value const& get_field_or_datum_def(Value const& d) {
  if (is_field_or_datum_def(d)) return d;
  return has_conditional_field_or_datum_def(d) ? d["condition"] : kNone;
}

// --- Bin
// -----------------------------------------------------------------------------------------------------------

bool is_binning(Value const& bin) { return is_true(bin) || (bin.is_object() && !bin["binned"].truthy()); }
bool is_binned(Value const& bin) { return is(bin, "binned") || is_true(bin["binned"]); }

Value normalize_bin(Value const& bin, std::string_view channel) {
  if (is(bin, "binned")) return Value::object({{"binned", true}});
  Value out = bin.is_boolean() ? Value(Object()) : bin;
  if (bin.is_boolean() || (!bin["maxbins"].truthy() && !bin["step"].truthy())) {
    bool const few = one_of(channel, {"row", "column", "size", "color", "fill", "stroke", "strokeWidth", "opacity",
                                      "fillOpacity", "strokeOpacity", "shape"});
    out.set("maxbins", few ? 6 : channel == "strokeDash" ? 4 : 10);
  }
  return out;
}
std::string bin_to_string(Value const& bin) {
  auto const normal = bin.is_boolean() ? normalize_bin(bin, "") : bin;
  std::string out = "bin";
  for (auto const& [key, value] : normal.properties()) {
    std::string text;
    if (is_parameter_extent(value)) {
      Strings parts;
      for (auto const& [k, v] : value.properties()) parts.push_back(std::string(k.view()) + "," + v.to_string());
      text = join(parts, ",");
    } else {
      text = value.to_string();
    }
    out += var_name("_" + std::string(key.view()) + "_" + text);
  }
  return out;
}
bool bin_requires_range(Value const& def, std::string_view channel) {
  return is_binning(def["bin"]) && is_scale_channel(channel) && is_discrete_type(def["type"]);
}

// --- Names
// ---------------------------------------------------------------------------------------------------------

std::string vg_field(Value const& def, FieldOptions const& options) {
  std::string field = has(def, "field") ? def["field"].to_string() : "";
  std::string suffix(options.suffix);
  std::string argument;
  if (is(def["aggregate"], "count")) {
    field = "__count";
  } else {
    std::string fn;
    auto const& bin = def["bin"];
    auto const& aggregate = def["aggregate"];
    auto const& unit = def["timeUnit"];
    if (has(def, "op")) {
      fn = def["op"].to_string();
    } else if (is_binning(bin)) {
      fn = bin_to_string(bin);
      suffix = std::string(options.bin_suffix) + std::string(options.suffix);
    } else if (aggregate.truthy()) {
      for (auto op : {"argmax", "argmin"}) {
        if (!has(aggregate, op)) continue;
        argument = "[\"" + field + "\"]";
        field = std::string(op) + "_" + aggregate[op].to_string();
        break;
      }
      if (argument.empty()) fn = aggregate.to_string();
    } else if (unit.truthy() && !is_binned_time_unit(unit)) {
      fn = time_unit_to_string(unit);
      suffix = (one_of(options.bin_suffix, {"range", "mid"}) ? std::string() : std::string(options.bin_suffix)) +
               std::string(options.suffix);
    }
    if (!fn.empty()) field = field.empty() ? fn : fn + "_" + field;
  }
  if (!suffix.empty()) field += "_" + suffix;
  if (!options.prefix.empty()) field = std::string(options.prefix) + "_" + field;
  if (options.for_as) return remove_path_from_field(field);
  if (!options.expr.empty()) return flat_access_with_datum(field, options.expr) + argument;
  return replace_path_in_field(field) + argument;
}
std::string sort_array_index_field(Value const& def, std::string_view channel, FieldOptions options) {
  options.prefix = channel;
  options.suffix = "sort_index";
  return vg_field(def, options);
}
Value sort_params(Value const& order_def, FieldOptions const& options) {
  Array fields, orders;
  for (auto const& def : as_array(order_def)) {
    fields.emplace_back(vg_field(def, options));
    orders.push_back(def["sort"].is_nullish() ? Value("ascending") : def["sort"]);
  }
  return Value::object({{"field", fields}, {"order", orders}});
}

bool is_aggregate_op(Value const& op) {
  return one_of(
      op, {"argmax", "argmin", "average", "count",   "distinct", "exponential", "exponentialb", "product", "max",
           "mean",   "median", "min",     "missing", "q1",       "q3",          "ci0",          "ci1",     "stderr",
           "stdev",  "stdevp", "sum",     "valid",   "values",   "variance",    "variancep"});
}
bool is_counting_aggregate(Value const& op) { return one_of(op, {"count", "valid", "missing", "distinct"}); }
bool is_sum_aggregate(Value const& op) { return one_of(op, {"count", "sum", "distinct", "valid", "missing"}); }
bool is_shared_domain_aggregate(Value const& op) {
  return one_of(op, {"mean", "average", "median", "q1", "q3", "min", "max"});
}

// --- Titles and formats
// ----------------------------------------------------------------------------------------------

Value const& guide_of(Value const& def) {
  if (is_position_def(def) && def["axis"].truthy()) return def["axis"];
  if (has(def, "legend") && def["legend"].truthy()) return def["legend"];
  if (has(def, "header") && def["header"].truthy()) return def["header"];
  return kNone;
}
Value default_title(Value const& def, Value const& config) {
  auto const& field = def["field"];
  auto const name = field.to_string();
  auto const& aggregate = def["aggregate"];
  auto const& bin = def["bin"];
  auto const& unit = def["timeUnit"];
  if (is(config["fieldTitle"], "plain")) return field;
  auto const unit_name = unit.truthy() && !is_binned_time_unit(unit) ? normalize_time_unit(unit) : Value();
  if (is(config["fieldTitle"], "functional")) {
    for (auto op : {"argmax", "argmin"})
      if (has(aggregate, op)) return Value(name + " for " + op + "(" + aggregate[op].to_string() + ")");
    std::string fn;
    if (aggregate.truthy())
      fn = aggregate.to_string();
    else if (unit_name["unit"].truthy())
      fn = unit_name["unit"].to_string();
    else if (unit_name["maxbins"].truthy())
      fn = "timeunit";
    else if (is_binning(bin))
      fn = "bin";
    if (fn.empty()) return field;
    for (char& c : fn)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return Value(fn + "(" + name + ")");
  }
  if (is(aggregate, "count")) return config["countTitle"];
  if (is_binning(bin)) return Value(name + " (binned)");
  if (unit_name.defined()) {
    if (unit_name["unit"].truthy())
      return Value(name + " (" + join(time_unit_parts(unit_name["unit"].string_or("")), "-") + ")");
  } else if (aggregate.truthy()) {
    for (auto op : {"argmax", "argmin"})
      if (has(aggregate, op))
        return Value(name + " for " + std::string(op).substr(3) + " " + aggregate[op].to_string());
    return Value(title_case(aggregate.to_string()) + " of " + name);
  }
  return field;
}
Value def_title(Value const& def, Value const& config, bool allow_disabling, bool include_default) {
  auto const& guide_title = guide_of(def)["title"];
  if (!is_field_def(def)) return guide_title.is_nullish() ? def["title"] : guide_title;
  auto const fallback = include_default ? default_title(def, config) : Value();
  if (allow_disabling) return first_defined(guide_title, def["title"], fallback);
  return nullish_or(guide_title, nullish_or(def["title"], fallback));
}
FormatPair format_mixins(Value const& def) {
  if (has(def, "format") || has(def, "formatType")) return {def["format"], def["formatType"]};
  auto const& guide = guide_of(def);
  return {guide["format"], guide["formatType"]};
}
bool is_temporal_field_def(Value const& def) {
  return is(def["type"], "temporal") || (is_field_def(def) && def["timeUnit"].truthy());
}
bool is_time_format_def(Value const& def) {
  auto const [format, type] = format_mixins(def);
  return is(type, "time") || (!type.truthy() && is_temporal_field_def(def));
}
bool is_custom_format_type(Value const& type) { return type.truthy() && !is(type, "number") && !is(type, "time"); }

// --- Initial form
// --------------------------------------------------------------------------------------------------------

namespace {

Value full_type(Value const& type) {
  if (!type.is_string()) return {};
  auto const t = lower(type.string());
  for (std::string_view name : {"quantitative", "temporal", "ordinal", "nominal", "geojson"})
    if (t == name || (name != "geojson" && t == name.substr(0, 1))) return Value(name);
  return {};
}

Value default_type(Value const& def, std::string_view channel) {
  if (one_of(channel, {"latitude", "longitude"})) return "quantitative";
  if (one_of(channel, {"row", "column", "facet", "shape", "strokeDash"})) return "nominal";
  if (channel == "order") return "ordinal";
  if (def["sort"].is_array()) return "ordinal";
  auto const& aggregate = def["aggregate"];
  if (def["timeUnit"].truthy()) return "temporal";
  if (def["bin"].truthy() || (aggregate.truthy() && !has(aggregate, "argmax") && !has(aggregate, "argmin")))
    return "quantitative";
  if (auto const& type = def["scale"]["type"]; type.is_string()) {
    auto const category = scale_category(type.string());
    if (category == "numeric" || category == "discretizing") return "quantitative";
    if (category == "time") return "temporal";
  }
  return "nominal";
}

void check_channel(Context& ctx, Value const& def, std::string_view channel) {
  auto const& type = def["type"];
  if (is(type, "geojson") && channel != "shape") return ctx.warn(message::channel_type(channel, "geojson"));
  if (one_of(channel, {"row", "column", "facet"})) {
    if (!is_discrete_def(def)) ctx.warn(message::channel_should_be_discrete(channel));
  } else if (is_geo(channel)) {
    if (!is(type, "quantitative")) ctx.warn(message::channel_type(channel, type.string_or("?")));
  } else if (one_of(channel, {"opacity", "fillOpacity", "strokeOpacity", "strokeWidth", "size", "theta2", "radius2",
                              "x2", "y2", "time"})) {
    if (is(type, "nominal") && !def["sort"].truthy()) ctx.warn(message::channel_type(channel, "nominal"));
  } else if (one_of(channel, {"shape", "strokeDash"})) {
    bool const discretizing = is_scale_field_def(def) && is_discretizing_scale(def["scale"]["type"]);
    if (!is_discrete_def(def) && !discretizing) ctx.warn(message::channel_should_be_discrete_or_discretizing(channel));
  } else if (channel == "order") {
    if (is(type, "nominal") && !has_key(def, "sort")) ctx.warn(message::channel_type(channel, "nominal"));
  }
}

bool sorts_by_channel(std::string_view c) {
  return one_of(c, {"x", "y", "color", "fill", "stroke", "strokeWidth", "size", "shape", "fillOpacity", "strokeOpacity",
                    "opacity", "text"});
}

Value init_field_or_datum_def(Context& ctx, Value const& def, std::string_view channel, Value const& config,
                              bool composite) {
  if (has(def, "format") || has(def, "formatType")) {
    if (is_custom_format_type(def["formatType"]) && !config["customFormatTypes"].truthy()) {
      ctx.warn(message::custom_format_not_allowed(channel));
      return init_field_or_datum_def(ctx, omit(def, {"format", "formatType"}), channel, config, composite);
    }
  } else {
    std::string_view const guide = is_position_def(def) ? "axis"
                                   : has(def, "legend") ? "legend"
                                   : has(def, "header") ? "header"
                                                        : "";
    if (!guide.empty() && def[guide].truthy() && is_custom_format_type(def[guide]["formatType"]) &&
        !config["customFormatTypes"].truthy()) {
      ctx.warn(message::custom_format_not_allowed(channel));
      Value out = def;
      out.set(guide, omit(def[guide], {"format", "formatType"}));
      return init_field_or_datum_def(ctx, out, channel, config, composite);
    }
  }
  if (is_field_def(def)) return init_field_def(ctx, def, channel, composite);
  if (def["type"].truthy()) return def;
  auto const& datum = def["datum"];
  Value out = def;
  out.set("type", datum.is_number()     ? Value("quantitative")
                  : datum.is_string()   ? Value("nominal")
                  : is_date_time(datum) ? Value("temporal")
                                        : Value());
  return out;
}

}  // namespace

Value init_channel_def(Context& ctx, Value const& def, std::string_view channel, Value const& config, bool composite) {
  if (is_primitive(def)) {
    ctx.warn(message::primitive_channel(channel, def));
    return value_ref(def);
  }
  if (is_field_or_datum_def(def)) return init_field_or_datum_def(ctx, def, channel, config, composite);
  if (has_conditional_field_or_datum_def(def)) {
    Value out = def;
    out.set("condition", init_field_or_datum_def(ctx, def["condition"], channel, config, composite));
    return out;
  }
  return def;
}

Value init_field_def(Context& ctx, Value const& given, std::string_view channel, bool composite) {
  Value def = given;
  auto const aggregate = given["aggregate"];
  if (!composite && aggregate.truthy() && !is_aggregate_op(aggregate) && !has(aggregate, "argmax") &&
      !has(aggregate, "argmin")) {
    ctx.warn(message::invalid_aggregate(aggregate));
    def.erase("aggregate");
  }
  if (given["timeUnit"].truthy()) def.set("timeUnit", normalize_time_unit(given["timeUnit"]));
  if (given["field"].truthy()) def.set("field", given["field"].to_string());
  if (is_binning(given["bin"])) def.set("bin", normalize_bin(given["bin"], channel));
  if (is_binned(given["bin"]) && !is_x_or_y(channel)) ctx.warn(message::binned_only_position(channel));
  if (is_typed_field_def(def)) {
    auto const type = def["type"];
    auto const full = full_type(type);
    if (!(type == full)) def.set("type", full);
    if (!is(type, "quantitative") && is_counting_aggregate(aggregate)) {
      ctx.warn(message::count_is_quantitative(type, aggregate.string()));
      def.set("type", "quantitative");
    }
  } else if (!is_secondary_range_channel(channel)) {
    def.set("type", default_type(def, channel));
  }
  if (is_typed_field_def(def)) check_channel(ctx, def, channel);
  if (auto const sort = def["sort"]; sort.is_string()) {
    auto const text = sort.string();
    if (sorts_by_channel(text)) {
      def.set("sort", Value::object({{"encoding", sort}}));
      return def;
    }
    if (!text.empty() && text[0] == '-' && sorts_by_channel(text.substr(1))) {
      def.set("sort", Value::object({{"encoding", Value(text.substr(1))}, {"order", "descending"}}));
      return def;
    }
  }
  if (auto const header = def["header"]; header["orient"].truthy()) {
    Value next = omit(header, {"orient"});
    next.set("labelOrient", truthy_or(header["labelOrient"], header["orient"]));
    next.set("titleOrient", truthy_or(header["titleOrient"], header["orient"]));
    def.set("header", next);
  }
  return def;
}

Value to_field_def_base(Value const& def) {
  Value out{Object()};
  for (auto key : {"timeUnit", "bin", "aggregate"})
    if (def[key].truthy()) out.set(key, def[key]);
  out.set("field", def["field"]);
  return out;
}

// --- Constants
// --------------------------------------------------------------------------------------------------------------

namespace {

// Whether Date.parse understands the text, as far as dates in filters go.
bool parses_as_date(std::string_view text) {
  auto const low = lower(text);
  for (auto month : {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"})
    if (low.find(month) != std::string::npos) return true;
  if (text.empty() || text[0] < '0' || text[0] > '9') return false;
  for (char c : low)
    if (!((c >= '0' && c <= '9') || std::string_view("-/:.tz+ ,ampgu").find(c) != std::string_view::npos)) return false;
  return true;
}

}  // namespace

Value value_expression(Context& ctx, Value const& v, ValueExprOptions const& options) {
  std::string const unit(normalize_time_unit(options.time_unit)["unit"].string_or(""));
  bool is_time = !unit.empty() || is(options.type, "temporal");
  Value expression;
  if (is_expr_ref(v)) {
    expression = v["expr"];
  } else if (is_signal_ref(v)) {
    expression = v["signal"];
  } else if (is_date_time(v)) {
    is_time = true;
    expression = date_time_expression(ctx, v);
  } else if ((v.is_string() || v.is_number()) && is_time) {
    expression = "datetime(" + stringify(v) + ")";
    if (is_local_single_time_unit(unit) &&
        ((v.is_number() && v.number() < 10000) || (v.is_string() && !parses_as_date(v.string())))) {
      Value date{Object()};
      date.set(unit, v);
      expression = date_time_expression(ctx, date);
    }
  }
  if (expression.truthy())
    return options.wrap_time && is_time ? Value("time(" + expression.to_string() + ")") : expression;
  if (options.only_if_needed) return {};
  return Value(v.defined() ? stringify(v) : "undefined");
}
Value value_array(Context& ctx, Value const& def, Value const& values) {
  Array out;
  for (auto const& v : values.items()) {
    ValueExprOptions options;
    if (is_field_def(def) && !is_binned_time_unit(def["timeUnit"])) options.time_unit = def["timeUnit"];
    options.type = def["type"];
    options.only_if_needed = true;
    auto const expression = value_expression(ctx, v, options);
    out.push_back(expression.defined() ? Value::object({{"signal", expression}}) : v);
  }
  return out;
}

Value signal_ref_or_value(Value const& v) {
  if (!is_expr_ref(v)) return v;
  Value out = Value::object({{"signal", v["expr"]}});
  assign(out, omit(v, {"expr"}));
  return out;
}
Value replace_expr_refs(Value const& object) {
  Value out{Object()};
  if (!object.is_object()) return out;
  out = object;
  for (auto const& [key, value] : object.properties())
    if (is_expr_ref(value)) out.set(key, signal_ref_or_value(value));
  return out;
}
Value signal_or_value_ref(Value const& v) {
  if (is_expr_ref(v)) return signal_ref_or_value(v);
  if (is_signal_ref(v)) return v;
  return v.defined() ? value_ref(v) : Value();
}
Value signal_or_value_ref_with_condition(Value const& v) {
  Value condition;
  if (v["condition"].is_array()) {
    Array items;
    for (auto const& c : v["condition"].items()) items.push_back(signal_ref_or_value(c));
    condition = items;
  } else {
    condition = signal_ref_or_value(v["condition"]);
  }
  Value out = signal_ref_or_value(v);
  out.set("condition", condition);
  return out;
}
Value signal_or_string_value(Value const& v) {
  if (is_signal_ref(v)) return v["signal"];
  return v.is_nullish() ? Value(nullptr) : Value(string_value(v));
}
std::string expr_of(Value const& v) { return signal_or_string_value(v).to_string(); }

}  // namespace cml::vega::lite

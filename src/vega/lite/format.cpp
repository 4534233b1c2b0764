#include "vega/lite/format.hpp"

#include "vega/lite/predicate.hpp"
#include "vega/lite/time_unit.hpp"

namespace cml::vega::lite {
namespace {

std::string custom_expression(Value const& type, std::string const& field, Value const& format) {
  return type.to_string() + "(" + field + (format.truthy() ? ", " + stringify(format) : "") + ")";
}
std::string number_expression(std::string const& field, Value const& format) {
  return "format(" + field + ", \"" + (format.truthy() ? format.to_string() : "") + "\")";
}
Value number_format(Value const& type, Value const& specified, Value const& config, bool normalize_stack) {
  if (specified.is_string()) return specified;
  if (is(type, "quantitative")) return normalize_stack ? config["normalizedNumberFormat"] : config["numberFormat"];
  return {};
}
std::string field_to_format(Context& ctx, Value const& def, std::string_view expr, bool normalize_stack) {
  if (!is_field_def(def)) return datum_expression(ctx, def);
  if (normalize_stack)
    return vg_field(def, {.expr = expr, .suffix = "end"}) + "-" + vg_field(def, {.expr = expr, .suffix = "start"});
  return vg_field(def, {.expr = expr});
}

}  // namespace

std::string datum_expression(Context& ctx, Value const& def) {
  return is_date_time(def["datum"]) ? date_time_expression(ctx, def["datum"]) : stringify(def["datum"]);
}

std::string bin_format_expression(std::string const& start, std::string const& end, Value const& format,
                                  Value const& format_type, Value const& config) {
  if (!format.defined() && !format_type.defined() && config["customFormatTypes"].truthy() &&
      config["numberFormatType"].truthy())
    return bin_format_expression(start, end, config["numberFormat"], config["numberFormatType"], config);
  auto const text = [&](std::string const& field) {
    if (is_custom_format_type(format_type)) return custom_expression(format_type, field, format);
    return number_expression(field, format.is_string() ? format : config["numberFormat"]);
  };
  return field_valid_expression(start, false) + " ? \"null\" : " + text(start) + " + \" \u2013 \" + " + text(end);
}

Value format_custom_type(Context& ctx, Value const& def, Value const& config, TextFormat const& f) {
  auto const field = f.field.empty() ? field_to_format(ctx, def, f.expr, f.normalize_stack) : f.field;
  if (field != "datum.value" && is_field_def(def) && is_binning(def["bin"])) {
    auto const end = vg_field(def, {.expr = f.expr, .bin_suffix = "end"});
    return signal_ref(bin_format_expression(field, end, f.format, f.format_type, config));
  }
  return signal_ref(custom_expression(f.format_type, field, f.format));
}

Value format_signal_ref(Context& ctx, Value const& def, Value const& config, TextFormat const& f) {
  auto const custom = [&](char const* format, char const* type) {
    return format_custom_type(ctx, def, config, {config[format], config[type], f.expr, false, {}});
  };
  if (is_custom_format_type(f.format_type)) {
    TextFormat plain = f;
    plain.normalize_stack = false;
    return format_custom_type(ctx, def, config, plain);
  }
  auto const field = field_to_format(ctx, def, f.expr, f.normalize_stack);
  auto const type = def["type"];
  if (!f.format.defined() && !f.format_type.defined() && config["customFormatTypes"].truthy()) {
    if (is(type, "quantitative")) {
      if (f.normalize_stack && config["normalizedNumberFormatType"].truthy())
        return custom("normalizedNumberFormat", "normalizedNumberFormatType");
      if (config["numberFormatType"].truthy()) return custom("numberFormat", "numberFormatType");
    }
    if (is(type, "temporal") && config["timeFormatType"].truthy() && is_field_def(def) && !has(def, "timeUnit"))
      return custom("timeFormat", "timeFormatType");
  }
  if (is_time_format_def(def)) {
    auto const unit = is_field_def(def) ? normalize_time_unit(def["timeUnit"]) : Value();
    bool const utc = unit["utc"].truthy() || (is_scale_field_def(def) && is(def["scale"]["type"], "utc"));
    if (!unit["unit"].truthy() || f.format.truthy()) {
      if (!unit["unit"].truthy() && config["timeFormatType"].truthy())
        return signal_ref(config["timeFormatType"].to_string() + "(" + field + ", " +
                          (f.format.defined() ? stringify(f.format) : "undefined") + ")");
      auto const& format = f.format.is_string() ? f.format : config["timeFormat"];
      return signal_ref((utc ? "utc" : "time") + std::string("Format(") + field + ", " +
                        (format.defined() ? stringify(format) : "undefined") + ")");
    }
    return signal_ref(time_format_of_unit(unit["unit"].to_string(), field, utc));
  }
  auto const format = number_format(type, f.format, config, f.normalize_stack);
  if (is_field_def(def) && is_binning(def["bin"])) {
    auto const end = vg_field(def, {.expr = f.expr, .bin_suffix = "end"});
    return signal_ref(bin_format_expression(field, end, format, f.format_type, config));
  }
  if (format.truthy() || is(type, "quantitative")) return signal_ref(number_expression(field, format));
  return signal_ref("isValid(" + field + ") ? " + field + " : \"\"+" + field);
}

Value guide_format(Value const& def, Value const& type, Value const& format, Value const& format_type,
                   Value const& config, bool omit_time_format_config) {
  bool const normalized = is_position_def(def) && is(def["stack"], "normalize");
  if (format_type.is_string() && is_custom_format_type(format_type)) return {};
  if (!format.defined() && !format_type.defined() && config["customFormatTypes"].truthy() &&
      is(def["type"], "quantitative")) {
    if (config["normalizedNumberFormatType"].truthy() && normalized) return {};
    if (config["numberFormatType"].truthy()) return {};
  }
  if (normalized && config["normalizedNumberFormat"].truthy()) return number_format("quantitative", {}, config, true);
  if (is_time_format_def(def)) {
    auto const unit = is_field_def(def) ? normalize_time_unit(def["timeUnit"])["unit"] : Value();
    if (!unit.defined() && config["customFormatTypes"].truthy() && config["timeFormatType"].truthy()) return {};
    if (format.truthy()) return format;
    if (unit.truthy()) return signal_ref(time_unit_specifier(unit.to_string()));
    return omit_time_format_config ? Value() : config["timeFormat"];
  }
  return number_format(type, format, config, false);
}
Value guide_format_type(Value const& format_type, Value const& def, Value const& scale_type) {
  if (format_type.truthy() && (is_signal_ref(format_type) || one_of(format_type, {"number", "time"})))
    return format_type;
  if (is_time_format_def(def) && !one_of(scale_type, {"time", "utc"}))
    return is_field_def(def) && normalize_time_unit(def["timeUnit"])["utc"].truthy() ? "utc" : "time";
  return {};
}

}  // namespace cml::vega::lite

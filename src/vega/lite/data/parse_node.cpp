// How raw fields are read: numbers, dates, booleans, text, and nested values pulled to the top.
#include "vega/lite/data/node.hpp"
#include "vega/lite/messages.hpp"

namespace cml::vega::lite {
namespace {

std::string unquoted(std::string_view s) {
  if (s.size() >= 2 && (s.front() == '\'' || s.front() == '"') && s.back() == s.front())
    return std::string(s.substr(1, s.size() - 2));
  return std::string(s);
}

// Empty for an unknown way of parsing.
std::string parse_expression(Context& ctx, std::string_view field, std::string const& parse) {
  auto const f = access_path_with_datum(field);
  if (parse == "number") return "toNumber(" + f + ")";
  if (parse == "boolean") return "toBoolean(" + f + ")";
  if (parse == "string") return "toString(" + f + ")";
  if (parse == "date") return "toDate(" + f + ")";
  if (parse == "flatten") return f;
  if (starts_with(parse, "date:")) return "timeParse(" + f + ",'" + unquoted(parse.substr(5)) + "')";
  if (starts_with(parse, "utc:")) return "utcParse(" + f + ",'" + unquoted(parse.substr(4)) + "')";
  ctx.warn(message::unknown_parse(parse));
  return {};
}

}  // namespace

Strings ParseNode::dependent_fields() const {
  Strings out;
  for (auto const& [field, how] : parse.properties()) out.emplace_back(field.view());
  return out;
}
Value ParseNode::assemble_format_parse() const {
  Value out{Object()};
  for (auto const& [field, how] : parse.properties())
    if (access_path_depth(field) == 1) out.set(field, how);
  return out;
}
Array ParseNode::assemble_transforms(bool only_nested) const {
  Array out;
  for (auto const& [field, how] : parse.properties()) {
    if (only_nested && access_path_depth(field) <= 1) continue;
    auto const expression = parse_expression(ctx, field, how.to_string());
    if (expression.empty()) continue;
    out.push_back(Value::object(
        {{"type", "formula"}, {"expr", Value(expression)}, {"as", Value(remove_path_from_field(field))}}));
  }
  return out;
}

}  // namespace cml::vega::lite

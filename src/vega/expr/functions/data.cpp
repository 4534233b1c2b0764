// Datasets, messages, and what a picture without a page answers.
#include <cmath>
#include <unordered_map>

#include "vega/expr/coerce.hpp"
#include "vega/expr/function.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

Value data(Call const& c) {
  auto table = c.scope.data(js_string(c[0]));
  return table ? Value(std::move(table)) : Value(Array());
}

// How often each text of a field occurs. The last one asked for is kept: indata runs once a row.
struct FieldIndex {
  TableRef table;
  std::string field;
  std::unordered_map<std::string, std::size_t> counts;
};
Value indata(Call const& c) {
  thread_local FieldIndex index;
  auto const name = js_string(c[0]), field = js_string(c[1]);
  auto table = c.scope.data(name);
  if (!table) fail("", "indata: there is no dataset \"" + name + "\"");
  if (!(index.table == table) || index.field != field) {
    index = {table, field, {}};
    auto const* column = table->column(field);
    for (std::size_t i = 0; i < table->size(); ++i)
      ++index.counts[column ? js_string(column->at(table->base_row(i))) : "undefined"];
  }
  auto const found = index.counts.find(js_string(c[2]));
  return found == index.counts.end() ? Value() : Value(found->second);
}

Value message(Call const& c) {
  std::string text;
  for (auto const& argument : c.arguments) text += (text.empty() ? "" : " ") + js_string(argument);
  if (c.name == "warn") c.scope.warn(text);
  return c.size() ? c[c.size() - 1] : Value();
}
Value no_size(Call const&) { return Value::array({Value(), Value()}); }

constexpr FunctionType kData[] = {
    {"data", 1, -1, data},
    {"indata", 3, -1, indata},
    {"warn", 0, -1, message},
    {"info", 0, -1, message},
    {"debug", 0, -1, message},
    {"inScope", 0, -1, [](Call const&) -> Value { return false; }},
    {"screen", 0, -1, [](Call const&) -> Value { return Object(); }},
    {"containerSize", 0, -1, no_size},
    {"windowSize", 0, -1, no_size},
};

}  // namespace

std::span<FunctionType const> data_functions() { return kData; }

}  // namespace cml::vega

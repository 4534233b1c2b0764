// Formats and types after vega-loader 5: nothing is guessed unless `parse` is "auto"; a reader yields rows.
#include "vega/value/load.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

#include "vega/value/dsv.hpp"
#include "vega/value/error.hpp"
#include "vega/value/json.hpp"
#include "vega/value/time_format.hpp"
#include "vega/value/topojson.hpp"

namespace cml::vega {
namespace {

bool ends_with(std::string_view text, std::string_view end) {
  text = text.substr(0, text.find_first_of("?#"));
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

// --- Types of columns ---------------------------------------------------------------------------------------------

using CellParser = std::function<Value(Value const&)>;

bool blank(Value const& v) { return v.is_nullish() || (v.is_string() && v.string().empty()); }
Value to_boolean(Value const& v) {
  if (blank(v)) return nullptr;
  if (v.is_string() && (v.string() == "false" || v.string() == "0")) return false;
  return v.truthy();
}
Value to_number(Value const& v) { return blank(v) ? Value(nullptr) : Value(v.to_number()); }
Value to_text(Value const& v) { return blank(v) ? Value(nullptr) : Value(v.to_string()); }
Value to_date(Value const& v) {
  if (blank(v)) return nullptr;
  if (v.is_number() || v.is_date()) return v;
  return parse_date(v.to_string());
}

bool is_boolean_like(Value const& v) {
  return v.is_boolean() || (v.is_string() && (v.string() == "true" || v.string() == "false"));
}
bool is_number_like(Value const& v) { return !v.is_date() && !std::isnan(v.to_number()); }
bool is_integer_like(Value const& v) { return is_number_like(v) && std::floor(v.to_number()) == v.to_number(); }
bool is_date_like(Value const& v) { return v.is_date() || !std::isnan(parse_date(v.to_string())); }

// Every distinct value of a column once, for columns of strings.
template <class Each>
bool all_cells(Column const& column, Each each) {
  if (column.kind() == Column::Kind::String) {
    std::vector<bool> seen(column.dictionary().size(), false);
    for (auto const code : column.codes()) {
      if (code >= seen.size() || seen[code]) continue;
      seen[code] = true;
      if (!each(Value(column.dictionary()[code]))) return false;
    }
    return true;
  }
  for (std::size_t i = 0; i < column.size(); ++i) {
    Value const v = column.at(i);
    if (v.is_nullish() || (v.is_number() && std::isnan(v.number()))) continue;
    if (!each(v)) return false;
  }
  return true;
}

bool holds_number(Column const& column) {
  auto const& cells = column.numbers();
  return column.kind() == Column::Kind::Number &&
         std::any_of(cells.begin(), cells.end(), [](double cell) { return !std::isnan(cell); });
}

std::string infer_type(Column const& column) {
  if (column.size() == 0) return "unknown";
  if (holds_number(column)) return "number";
  using Test = bool (*)(Value const&);
  for (auto const& [name, test] : {std::pair<char const*, Test>{"boolean", is_boolean_like},
                                   {"integer", is_integer_like},
                                   {"number", is_number_like},
                                   {"date", is_date_like}})
    if (all_cells(column, test)) return name;
  return "string";
}

CellParser parser_of(std::string type, std::string const& path) {
  if (type == "boolean") return to_boolean;
  if (type == "number" || type == "integer") return to_number;
  if (type == "date") return to_date;
  if (type == "string") return to_text;
  if (type == "unknown") return [](Value const& v) { return v; };
  bool const utc = type.substr(0, 4) == "utc:";
  if (!utc && type.substr(0, 5) != "date:")
    fail(path + ".parse",
         "unknown type \"" + type + "\"; use boolean, number, integer, date, string, date:'%Y-%m-%d' or utc:'...'");
  std::string pattern = type.substr(utc ? 4 : 5);
  if (pattern.size() > 1 && (pattern[0] == '\'' || pattern[0] == '"') && pattern.back() == pattern[0])
    pattern = pattern.substr(1, pattern.size() - 2);
  return [pattern, utc](Value const& v) -> Value {
    if (blank(v)) return nullptr;
    auto const ms = parse_time(v.to_string(), pattern, utc ? Zone::Utc : Zone::Local);
    return ms ? Value::date(*ms) : Value(nullptr);
  };
}

// Whether numbers made of its cells would be the same cells.
bool are_numbers(Column const& column) {
  auto const& cells = column.numbers();
  return column.kind() == Column::Kind::Number && std::none_of(cells.begin(), cells.end(), [](double cell) {
           return std::isnan(cell) && double_to_bits(cell) == kUndefinedBits;
         });
}
bool is_number_type(std::string_view type) { return type == "number" || type == "integer"; }

ColumnRef convert(Column const& column, CellParser const& parse) {
  ColumnBuilder out;
  out.reserve(column.size());
  if (column.kind() == Column::Kind::String) {
    std::vector<Value> known(column.dictionary().size());
    std::vector<bool> done(known.size(), false);
    for (auto const code : column.codes()) {
      if (code >= known.size()) {
        out.push(parse(code == Column::kNullCode ? Value(nullptr) : Value()));
        continue;
      }
      if (!done[code]) known[code] = parse(Value(column.dictionary()[code])), done[code] = true;
      out.push(known[code]);
    }
  } else {
    for (std::size_t i = 0; i < column.size(); ++i) out.push(parse(column.at(i)));
  }
  return out.finish();
}

}  // namespace

TableRef apply_types(TableRef table, Value const& types, std::string const& path) {
  if (types.is_nullish() || table->size() == 0) return table;
  if (types.is_string()) {
    if (types.string() != "auto") fail(path + ".format.parse", "must be \"auto\" or an object of field types");
    for (auto const& field : std::vector<Table::Field>(table->fields())) {
      auto const type = infer_type(*field.column);
      if (is_number_type(type) && are_numbers(*field.column)) continue;
      if (type != "string" && type != "unknown")
        table = table->with_column(field.name, convert(*field.column, parser_of(type, path)));
      else if (type == "string")
        table = table->with_column(field.name, convert(*field.column, to_text));
    }
    return table;
  }
  for (auto const& [name, type] : types.properties()) {
    if (type.is_nullish()) continue;
    auto const parse = parser_of(type.to_string(), path + ".format");
    ColumnRef source;
    for (auto const& field : table->fields())
      if (field.name == name) source = field.column;
    if (source && !table->selected() && is_number_type(type.to_string()) && are_numbers(*source)) continue;
    if (!source) source = Column::repeat(Value(), table->size());
    table = table->with_column(name, convert(*source, parse));
  }
  return table;
}

namespace {

// --- Readers ------------------------------------------------------------------------------------------------------

// What a format's `parse` lets be read as numbers at once.
CellKinds cell_kinds(Value const& types) {
  if (types.is_string()) {
    auto const kind = types.string() == "auto" ? CellKind::Auto : CellKind::Text;
    return [kind](std::string_view) { return kind; };
  }
  return [types](std::string_view column) {
    auto const& type = types[column];
    return is_number_type(type.string_or("")) ? CellKind::Number : CellKind::Text;
  };
}

Value property_of(Value value, Value const& format) {
  if (!format["property"].is_string()) return value;
  std::string_view rest = format["property"].string();
  while (!rest.empty()) {
    auto const dot = rest.find('.');
    value = Value(value[rest.substr(0, dot)]);
    rest = dot == std::string_view::npos ? std::string_view() : rest.substr(dot + 1);
  }
  return value;
}

TableRef rows_of(Value const& data) {
  if (data.is_table()) return data.table_ref();
  if (data.is_array()) return Table::from_rows(data.items());
  if (data.is_nullish()) return make_ref<Table>(std::size_t{0});
  return Table::from_rows({data});
}

char delimiter_of(std::string const& type, Value const& format, std::string const& path) {
  if (type == "csv") return ',';
  if (type == "tsv") return '\t';
  auto const given = format["delimiter"].string_or("");
  if (given.size() != 1) fail(path + ".format.delimiter", "dsv data needs a delimiter of one character");
  return given[0];
}

TableRef read_value(Value const& data, std::string const& type, Value const& format, std::string const& path) {
  if (type == "topojson") return Table::from_rows(topojson_features(data, format, path));
  return rows_of(property_of(data, format));
}

std::string type_of(Value const& format, std::string_view url) {
  if (format["type"].is_string()) return std::string(format["type"].string());
  if (ends_with(url, ".csv")) return "csv";
  if (ends_with(url, ".tsv")) return "tsv";
  return "json";
}

TableRef read_bytes(std::string_view bytes, std::string const& type, Value const& format, std::string const& path) {
  if (type == "csv" || type == "tsv" || type == "dsv")
    return parse_dsv(bytes, delimiter_of(type, format, path), format["header"], path, kMaxCells,
                     cell_kinds(format["parse"]));
  if (type != "json" && type != "topojson")
    fail(path + ".format.type", "unknown data format \"" + type + "\"; use json, csv, tsv, dsv or topojson");
  auto parsed = type == "json" && !format["property"].is_string() ? parse_json_data(bytes) : parse_json(bytes);
  if (!parsed) throw EngineError(ErrorKind::BadInput, path, parsed.error().message);
  return read_value(*parsed, type, format, path);
}

}  // namespace

TableRef parse_data(std::string_view bytes, Value const& format, std::string_view url, std::string const& path,
                    Diagnostics&) {
  if (bytes.substr(0, 3) == "\xEF\xBB\xBF") bytes.remove_prefix(3);
  auto table = read_bytes(bytes, type_of(format, url), format, path);
  return apply_types(std::move(table), format["parse"], path);
}

TableRef ingest_values(Value const& values, Value const& format, std::string const& path, Diagnostics&) {
  auto const type = type_of(format, "");
  TableRef table;
  if (values.is_string())
    table = read_bytes(values.string(), type, format, path);
  else if (values.is_table() && !format["property"].is_string() && type != "topojson")
    table = values.table_ref();
  else
    table = read_value(values, type, format, path);
  return apply_types(std::move(table), format["parse"], path);
}

}  // namespace cml::vega

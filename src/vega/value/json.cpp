#include "vega/value/json.hpp"

#include <cmath>
#include <simdjson.h>

#include <nlohmann/json.hpp>

#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/table.hpp"
#include "vega/value/time.hpp"

namespace cml::vega {
namespace {

namespace ondemand = simdjson::ondemand;

// Where we are decides whether an array of records is data: below "data" as "values", or directly below "datasets".
enum class Place { Plain, Data, Datasets, Values };

struct Reader {
  bool tables = false;
  int max_depth = 512;

  static Place step(Place place, std::string_view key) {
    if (key == "datasets") return Place::Datasets;
    if (place == Place::Datasets) return Place::Values;
    if (place == Place::Data) return key == "values" ? Place::Values : Place::Plain;
    return key == "data" ? Place::Data : Place::Plain;
  }

  Value number(ondemand::value& v) {
    double d = 0;
    auto const error = v.get_double().get(d);
    if (error == simdjson::NUMBER_ERROR) {  // Integers beyond 64 bits and 1e999 are numbers in JavaScript.
      std::string const text(v.raw_json_token());
      d = std::strtod(text.c_str(), nullptr);
    } else if (error) {
      throw simdjson::simdjson_error(error);
    }
    return d;
  }

  Value read(ondemand::value v, Place place, int depth) {
    if (depth > max_depth) throw simdjson::simdjson_error(simdjson::DEPTH_ERROR);
    switch (v.type()) {
      case ondemand::json_type::object: {
        Object object;
        for (auto field : v.get_object()) {
          std::string_view const key = field.unescaped_key();
          object[key] = read(field.value(), tables ? step(place, key) : Place::Plain, depth + 1);
        }
        return object;
      }
      case ondemand::json_type::array: {
        if (place == Place::Values) return read_table(v, depth);
        Array items;
        items.reserve(2);  // Most lists of data are positions.
        // Vega's `data: [{name, values}]`: items of the list stand in the same place as the list.
        Place const inner = place == Place::Data ? Place::Data : Place::Plain;
        for (auto item : v.get_array()) items.push_back(read(item.value(), inner, depth + 1));
        return items;
      }
      case ondemand::json_type::string:
        return Value(std::string_view(v.get_string()));
      case ondemand::json_type::number:
        return number(v);
      case ondemand::json_type::boolean:
        return v.get_bool().value();
      default:
        if (!v.is_null()) throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
        return nullptr;
    }
  }

  void read_cell(ondemand::value v, ColumnBuilder& cell, int depth) {
    switch (v.type()) {
      case ondemand::json_type::string:
        return cell.push_string(v.get_string());
      case ondemand::json_type::number:
        return cell.push_number(number(v).number());
      case ondemand::json_type::boolean:
        return cell.push_bool(v.get_bool());
      default:
        return cell.push(read(v, Place::Plain, depth + 1));
    }
  }

  Value read_table(ondemand::value v, int depth) {
    TableBuilder builder;
    for (auto item : v.get_array()) {
      ondemand::value row = item.value();
      if (row.type() == ondemand::json_type::object) {
        std::size_t hint = 0;
        for (auto field : row.get_object()) {
          std::string_view const key = field.unescaped_key();
          read_cell(field.value(), builder.cell(key, hint++), depth + 1);
        }
        builder.end_row();
      } else {
        builder.push_row(read(row, Place::Plain, depth + 1));
      }
    }
    return builder.finish();
  }
};

// Replaces bare NaN, Infinity and -Infinity by null padded with blanks, so that positions nearly stay (NaN is shorter
// by a letter). False: none there. What pandas writes may hold a million of them, so none moves the text behind it.
bool blank_nonfinite(std::string& text) {
  std::string out;
  std::size_t done = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (quoted) {
      if (c == '\\')
        ++i;
      else if (c == '"')
        quoted = false;
      continue;
    }
    if (c == '"') quoted = true;
    if (c != 'N' && c != 'I' && c != '-') continue;
    for (std::string_view word : {"NaN", "-Infinity", "Infinity", "-NaN"}) {
      if (text.compare(i, word.size(), word) != 0) continue;
      out.append(text, done, i - done);
      out += "null";
      if (word.size() > 4) out.append(word.size() - 4, ' ');
      done = i + word.size();
      i = done - 1;
      break;
    }
  }
  if (done == 0) return false;
  out.append(text, done);
  text = std::move(out);
  return true;
}

// nlohmann's parser knows where it stopped; used on the error path only.
Error malformed(std::string_view text, std::string const& reason) {
  std::string message = reason;
  std::size_t at = text.size();
  bool located = false;
  try {
    auto const ignored = nlohmann::json::parse(text.begin(), text.end());
    (void)ignored;
  } catch (nlohmann::json::parse_error const& e) {
    at = e.byte ? e.byte - 1 : 0;
    located = true;
    message = e.what();
    if (auto const dash = message.find(" - "); dash != std::string::npos)
      message = message.substr(dash + 3);
    else if (auto const colon = message.find(": "); colon != std::string::npos)
      message = message.substr(colon + 2);
    if (auto const end = message.find("; last read"); end != std::string::npos) message = message.substr(0, end);
  } catch (std::exception const&) {
    // Out of range numbers and the like: simdjson's reason stands.
  }
  if (!located) return {ErrorKind::BadInput, "malformed JSON: " + message};
  std::size_t line = 1, column = 1;
  for (std::size_t i = 0; i < at && i < text.size(); ++i) {
    if (text[i] == '\n')
      ++line, column = 1;
    else
      ++column;
  }
  auto const start = text.substr(0, at).rfind('\n');
  auto const line_text = text.substr(start == std::string_view::npos ? 0 : start + 1);
  for (std::string_view marker : {"<<<<<<<", "=======", ">>>>>>>"})
    if (line_text.substr(0, marker.size()) == marker)
      message = "the markers of an unresolved merge conflict are left in the file";
  return {ErrorKind::BadInput,
          "malformed JSON at line " + std::to_string(line) + ", column " + std::to_string(column) + ": " + message};
}

enum class Mode { Spec, Plain, Data };

Result<Value> parse(std::string_view text, JsonLimits const& limits, Mode mode) {
  if (text.size() > limits.max_bytes)
    return Error{ErrorKind::BadInput, "JSON of " + std::to_string(text.size()) + " bytes is over the limit of " +
                                          std::to_string(limits.max_bytes)};
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  BudgetScope const budget;
  auto const attempt = [&](std::string_view source) -> Value {
    simdjson::padded_string const padded(source);
    ondemand::parser parser;
    ondemand::document document = parser.iterate(padded);
    Reader reader;
    reader.tables = mode == Mode::Spec;
    reader.max_depth = limits.max_depth;
    Value out;
    switch (document.type()) {
      case ondemand::json_type::object:
      case ondemand::json_type::array:
        out = reader.read(document.get_value(), mode == Mode::Data ? Place::Values : Place::Plain, 0);
        break;
      case ondemand::json_type::string:
        out = Value(std::string_view(document.get_string()));
        break;
      case ondemand::json_type::number:
        out = document.get_double().value();
        break;
      case ondemand::json_type::boolean:
        out = document.get_bool().value();
        break;
      default:
        if (!document.is_null()) throw simdjson::simdjson_error(simdjson::N_ATOM_ERROR);
        out = nullptr;
        break;
    }
    if (document.current_location().error() != simdjson::OUT_OF_BOUNDS)
      throw simdjson::simdjson_error(simdjson::TRAILING_CONTENT);
    return out;
  };
  return guarded([&]() -> Result<Value> {
    try {
      return attempt(text);
    } catch (simdjson::simdjson_error const& first) {
      if (first.error() == simdjson::DEPTH_ERROR)
        return Error{ErrorKind::BadInput, "JSON is nested deeper than " + std::to_string(limits.max_depth) + " levels"};
      std::string repaired(text);
      if (blank_nonfinite(repaired)) {
        try {
          return attempt(repaired);
        } catch (simdjson::simdjson_error const& second) {
          return malformed(repaired, second.what());
        }
      }
      return malformed(text, first.what());
    }
  });
}

void escape(std::string_view text, std::string& out) {
  out += '"';
  std::size_t plain = 0;  // Where the text begins that is not written yet.
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, plain, i - plain);
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default: {
        char const* hex = "0123456789abcdef";
        out += "\\u00";
        out += hex[c >> 4];
        out += hex[c & 15];
      }
    }
  }
  out.append(text, plain).push_back('"');
}

struct Writer {
  std::string out;
  int indent;

  void line(int depth) {
    if (indent == 0) return;
    out += '\n';
    out.append(static_cast<std::size_t>(indent) * static_cast<std::size_t>(depth), ' ');
  }
  template <class Items, class Each>
  void list(char open, char close, Items const& items, int depth, Each each) {
    out += open;
    bool first = true;
    for (auto const& item : items) {
      auto const mark = out.size();
      if (!first) out += ',';
      line(depth + 1);
      if (each(item))
        first = false;
      else
        out.resize(mark);
    }
    if (!first) line(depth);
    out += close;
  }
  void write(Value const& v, int depth) {
    budget::steps(20);
    switch (v.type()) {
      case Type::Undefined:
      case Type::Null:
        out += "null";
        return;
      case Type::Boolean:
        out += v.boolean() ? "true" : "false";
        return;
      case Type::Number:
        out += std::isfinite(v.number()) ? number_to_string(v.number()) : "null";
        return;
      case Type::Date:
        escape(iso_string(v.number()), out);
        return;
      case Type::String:
        escape(v.string(), out);
        return;
      case Type::Outline:
        escape(v.to_string(), out);
        return;
      case Type::Regexp:
        out += "{}";
        return;
      case Type::Array:
        list('[', ']', v.items(), depth, [&](Value const& item) { return write(item, depth + 1), true; });
        return;
      case Type::Object:
        list('{', '}', v.properties(), depth, [&](Object::Entry const& entry) {
          if (!entry.second.defined()) return false;
          escape(entry.first, out);
          out += indent ? ": " : ":";
          write(entry.second, depth + 1);
          return true;
        });
        return;
      case Type::Table: {
        out += '[';
        for (std::size_t i = 0; i < v.table()->size(); ++i) {
          if (i) out += ',';
          line(depth + 1);
          write(v.table()->row(i), depth + 1);
        }
        if (v.table()->size()) line(depth);
        out += ']';
        return;
      }
    }
  }
};

}  // namespace

Result<Value> parse_spec(std::string_view text, JsonLimits const& limits) { return parse(text, limits, Mode::Spec); }
Result<Value> parse_json(std::string_view text, JsonLimits const& limits) { return parse(text, limits, Mode::Plain); }
Result<Value> parse_json_data(std::string_view text, JsonLimits const& limits) {
  return parse(text, limits, Mode::Data);
}

std::string to_json(Value const& value, int indent) {
  Writer writer{{}, indent};
  writer.write(value, 0);
  return std::move(writer.out);
}

}  // namespace cml::vega

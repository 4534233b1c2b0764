#include "vega/lite/js.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "vega/value/error.hpp"
#include "vega/value/json.hpp"

namespace cml::vega::lite {

void assign(Value& target, Value const& source) {
  if (!source.is_object()) return;
  if (target.is_object() && is_empty(target)) {
    target = source;
    return;
  }
  auto& properties = target.mutable_properties();
  for (auto const& [key, value] : source.properties()) properties[key.view()] = value;
}
Value spread(std::initializer_list<Value> sources) {
  Value out{Object()};
  bool first = true;
  for (auto const& source : sources) {
    if (first && source.is_object())
      out = source;
    else
      assign(out, source);
    first = false;
  }
  return out;
}
Value omit(Value object, std::initializer_list<std::string_view> keys) {
  if (!object.is_object()) return Value(Object());
  for (auto key : keys) object.erase(key);
  return object;
}
Value pick(Value const& object, std::initializer_list<std::string_view> keys) {
  Value out{Object()};
  for (auto key : keys)
    if (object.has(key)) out.set(key, object[key]);
  return out;
}
Array as_array(Value const& v) {
  if (v.is_nullish()) return {};
  if (v.is_array()) return v.items();
  return {v};
}

std::string join(Strings const& parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i) out += separator;
    out += parts[i];
  }
  return out;
}
bool contains(Strings const& list, std::string_view item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}
void add_unique(Strings& list, std::string item) {
  if (!contains(list, item)) list.push_back(std::move(item));
}
bool starts_with(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }
bool ends_with(std::string_view text, std::string_view suffix) {
  return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}
std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}
std::string title_case(std::string_view text) {
  std::string out(text);
  if (!out.empty() && out[0] >= 'a' && out[0] <= 'z') out[0] = static_cast<char>(out[0] - 'a' + 'A');
  return out;
}
std::string replace_all(std::string_view text, std::string_view find, std::string_view replacement) {
  if (find.empty()) return std::string(text);
  std::string out;
  for (std::size_t at = 0;;) {
    auto const hit = text.find(find, at);
    if (hit == std::string_view::npos) return out.append(text.substr(at));
    out.append(text.substr(at, hit - at)).append(replacement);
    at = hit + find.size();
  }
}

std::string json_string(std::string_view text) {
  bool const plain = std::none_of(text.begin(), text.end(),
                                  [](char c) { return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20; });
  return plain ? '"' + std::string(text) + '"' : to_json(Value(text));
}

std::string stringify(Value const& v) {
  switch (v.type()) {
    case Type::Undefined:
      return {};
    case Type::Number:
      return std::isfinite(v.number()) ? number_to_string(v.number()) : "null";
    case Type::Array: {
      std::string out = "[";
      bool first = true;
      for (auto const& item : v.items()) {
        if (!first) out += ',';
        first = false;
        auto const text = stringify(item);
        out += text.empty() ? "null" : text;
      }
      return out + "]";
    }
    case Type::Object: {
      std::vector<Object::Entry const*> entries;
      for (auto const& entry : v.properties()) entries.push_back(&entry);
      std::sort(entries.begin(), entries.end(),
                [](auto const* a, auto const* b) { return a->first.view() < b->first.view(); });
      std::string out;
      for (auto const* entry : entries) {
        auto const text = stringify(entry->second);
        if (text.empty()) continue;
        if (!out.empty()) out += ',';
        out += json_string(entry->first) + ":" + text;
      }
      return "{" + out + "}";
    }
    case Type::Table:
      if (v.size() > 200) return "\"table@" + std::to_string(reinterpret_cast<std::uintptr_t>(v.table())) + "\"";
      return to_json(v);
    default:
      return to_json(v);
  }
}

std::string string_value(Value const& v) {
  if (v.is_array()) {
    Strings parts;
    for (auto const& item : v.items()) parts.push_back(item.is_null() ? "null" : string_value(item));
    return "[" + join(parts, ",") + "]";
  }
  if (v.is_object() || v.is_string()) return to_json(v);
  return v.to_string();
}

std::string var_name(std::string_view text) {
  auto const is_digit = [](char c) { return c >= '0' && c <= '9'; };
  auto const is_word = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  std::string out;
  out.reserve(text.size() + 1);
  if (!text.empty() && is_digit(text[0])) out += '_';
  for (char const c : text) {
    auto const byte = static_cast<unsigned char>(c);
    if (is_word(c))
      out += c;
    else if ((byte & 0xC0) != 0x80)
      out += byte >= 0xF0 ? "__" : "_";  // One for each UTF-16 unit.
  }
  return out;
}

Strings split_access_path(std::string_view p) {
  Strings path;
  std::size_t const n = p.size();
  std::string pending;
  std::size_t i = 0, j = 0;
  char quote = 0;
  long bracket = 0;  // Start of the bracketed part; -1 once its quoted key was read; 0 outside.
  auto const push = [&] {
    path.push_back(pending + std::string(j > i ? p.substr(i, j - i) : std::string_view()));
    pending.clear();
    i = j + 1;
  };
  for (; j < n; ++j) {
    char const c = p[j];
    if (c == '\\') {
      pending += p.substr(i, j - i);
      ++j;
      i = j;
    } else if (quote && c == quote) {
      push();
      quote = 0;
      bracket = -1;
    } else if (quote) {
      continue;
    } else if (static_cast<long>(i) == bracket && bracket > 0 && (c == '"' || c == '\'')) {
      i = j + 1;
      quote = c;
    } else if (static_cast<long>(i) == bracket && i == 0 && (c == '"' || c == '\'')) {
      i = j + 1;
      quote = c;
    } else if (c == '.' && !bracket) {
      if (j > i)
        push();
      else
        i = j + 1;
    } else if (c == '[') {
      if (j > i) push();
      i = j + 1;
      bracket = static_cast<long>(i);
    } else if (c == ']') {
      if (!bracket) fail("", "field path \"" + std::string(p) + "\" has ] without [; escape it as \\\\]");
      if (bracket > 0) push();
      bracket = 0;
      i = j + 1;
    }
  }
  if (bracket) fail("", "field path \"" + std::string(p) + "\" has an unclosed [; escape it as \\\\[");
  if (quote) fail("", "field path \"" + std::string(p) + "\" has an unclosed quote");
  if (j > i || !pending.empty()) {
    j = std::max(j, i);
    j = n;
    path.push_back(pending + std::string(n > i ? p.substr(i) : std::string_view()));
  }
  return path;
}

std::string access_path_with_datum(std::string_view path, std::string_view datum) {
  auto const pieces = split_access_path(path);
  Strings prefixes;
  std::string prefix(datum);
  for (auto const& piece : pieces) {
    prefix += "[" + json_string(piece) + "]";
    prefixes.push_back(prefix);
  }
  return join(prefixes, " && ");
}
std::string flat_access_with_datum(std::string_view path, std::string_view datum) {
  return std::string(datum) + "[" + json_string(join(split_access_path(path), ".")) + "]";
}
std::string access_unescaped(std::string_view path) { return "datum['" + replace_all(path, "'", "\\'") + "']"; }
std::string unescape_path(std::string_view path) { return replace_all(replace_all(path, "\\'", "'"), "\\.", "."); }
std::string replace_path_in_field(std::string_view path) {
  auto pieces = split_access_path(path);
  for (auto& piece : pieces) {
    std::string escaped;
    for (char c : piece) {
      if (c == '[' || c == ']' || c == '.' || c == '\'' || c == '"') escaped += '\\';
      escaped += c;
    }
    piece = std::move(escaped);
  }
  return join(pieces, "\\.");
}
std::string remove_path_from_field(std::string_view path) { return join(split_access_path(path), "."); }
std::size_t access_path_depth(std::string_view path) { return path.empty() ? 0 : split_access_path(path).size(); }

bool is_number_text(Value const& v) {
  if (v.is_number()) return true;
  if (!v.is_string() || v.string().empty()) return false;
  return !std::isnan(v.to_number()) && v.string().find_first_of("0123456789") != std::string_view::npos;
}
std::string number_text(double n) { return number_to_string(n); }

}  // namespace cml::vega::lite

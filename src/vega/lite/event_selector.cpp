#include "vega/lite/event_selector.hpp"

#include <cmath>

#include "vega/value/error.hpp"

namespace cml::vega::lite {
namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && (s.front() == ' ' || s.front() == '\n' || s.front() == '\t' || s.front() == '\r'))
    s.remove_prefix(1);
  while (!s.empty() && (s.back() == ' ' || s.back() == '\n' || s.back() == '\t' || s.back() == '\r'))
    s.remove_suffix(1);
  return s;
}
[[noreturn]] void malformed(std::string_view s) { fail("", "invalid event selector \"" + std::string(s) + "\""); }

std::size_t find_end(std::string_view s, std::size_t i, char end, std::string_view open, std::string_view close) {
  int depth = 0;
  for (; i < s.size(); ++i) {
    char const c = s[i];
    if (!depth && c == end) return i;
    if (close.find(c) != std::string_view::npos)
      --depth;
    else if (open.find(c) != std::string_view::npos)
      ++depth;
  }
  return i;
}

struct Parser {
  std::string_view source;
  int depth = 0;

  std::vector<std::string_view> merged(std::string_view s) {
    std::vector<std::string_view> parts;
    for (std::size_t i = 0, start = 0; i < s.size(); start = ++i) {
      i = find_end(s, i, ',', "[{", "]}");
      parts.push_back(trim(s.substr(start, i - start)));
    }
    if (parts.empty()) malformed(s);
    return parts;
  }

  Value one(std::string_view s) {
    if (++depth > 64) malformed(s);
    auto out = !s.empty() && s[0] == '[' ? between(s) : stream(s);
    --depth;
    return out;
  }

  Value between(std::string_view s) {
    auto const end = find_end(s, 1, ']', "[", "]");
    if (end == s.size()) malformed(s);
    auto const ends = merged(s.substr(1, end - 1));
    auto rest = trim(s.substr(end + 1));
    if (ends.size() != 2 || rest.empty() || rest[0] != '>') malformed(s);
    Value const pair = Value::array({one(ends[0]), one(ends[1])});
    Value inner = one(trim(rest.substr(1)));
    if (has(inner, "between")) return Value::object({{"between", pair}, {"stream", inner}});
    inner.set("between", pair);
    return inner;
  }

  Value stream(std::string_view whole) {
    auto s = whole;
    Value out = Value::object({{"source", Value(source)}});
    double throttle[2] = {0, 0};
    if (!s.empty() && s.back() == '}') {
      auto const open = s.rfind('{');
      if (open == std::string_view::npos) malformed(whole);
      auto const inside = s.substr(open + 1, s.size() - open - 2);
      auto const comma = inside.find(',');
      throttle[0] = string_to_number(inside.substr(0, comma));
      if (comma != std::string_view::npos) throttle[1] = string_to_number(inside.substr(comma + 1));
      if (inside.empty() || std::isnan(throttle[0]) || std::isnan(throttle[1])) malformed(whole);
      s = trim(s.substr(0, open));
    }
    if (s.empty()) malformed(whole);
    bool const named = s[0] == '@';
    std::size_t i = named ? 1 : 0, start = 0;
    std::vector<std::string_view> names;
    if (auto const colon = find_end(s, i, ':', "", ""); colon < s.size()) {
      names.push_back(trim(s.substr(0, colon)));
      start = i = colon + 1;
    }
    i = find_end(s, i, '[', "", "");
    names.push_back(trim(s.substr(start, i - start)));
    Value filters;
    while (i < s.size()) {
      if (s[i] != '[') malformed(whole);
      auto const close = find_end(s, i + 1, ']', "", "");
      if (close == s.size()) malformed(whole);
      filters.push(Value(trim(s.substr(i + 1, close - i - 1))));
      i = close + 1;
    }
    if (names.back().empty() || names.back().find_first_of("[]{}") != std::string_view::npos) malformed(whole);
    std::string_view type = names.back();
    if (names.size() > 1) {
      out.set("type", Value(type));
      if (named)
        out.set("markname", Value(names[0].substr(1)));
      else if (one_of(names[0], {"*", "arc", "area", "group", "image", "line", "path", "rect", "rule", "shape",
                                 "symbol", "text", "trail"}))
        out.set("marktype", Value(names[0]));
      else
        out.set("source", Value(names[0]));
    }
    if (type.back() == '!') {
      out.set("consume", true);
      type.remove_suffix(1);
    }
    out.set("type", Value(type));
    if (filters.defined()) out.set("filter", filters);
    if (throttle[0] != 0) out.set("throttle", throttle[0]);
    if (throttle[1] != 0) out.set("debounce", throttle[1]);
    return out;
  }
};

}  // namespace

Value parse_event_selector(std::string_view selector, std::string_view default_source) {
  Parser parser{default_source};
  Array streams;
  for (auto part : parser.merged(trim(selector))) streams.push_back(parser.one(part));
  return streams;
}

}  // namespace cml::vega::lite

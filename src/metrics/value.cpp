#include "metrics/value.hpp"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {

bool is_null(Scalar const& value) { return std::holds_alternative<std::monostate>(value); }

std::optional<double> number_of(Scalar const& value) {
  if (auto const* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (auto const* number = std::get_if<double>(&value)) return *number;
  return std::nullopt;
}

bool same_value(Scalar const& a, Scalar const& b) {
  if (a.index() == b.index() && std::holds_alternative<std::int64_t>(a))
    return a == b;  // Beyond 2^53 doubles are too coarse.
  auto const x = number_of(a), y = number_of(b);
  if (x && y) return *x == *y || (std::isnan(*x) && std::isnan(*y));
  return a == b;
}

// Python's repr: the shortest digits that read back, with an exponent below 1e-4 and from 1e16 on.
std::string python_float(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char digits[64];
  double const size = std::fabs(value);
  bool const scientific = size != 0 && (size < 1e-4 || size >= 1e16);
  auto const format = scientific ? std::chars_format::scientific : std::chars_format::fixed;
  std::string text(digits, std::to_chars(digits, digits + sizeof digits, value, format).ptr);
  if (!scientific && text.find('.') == std::string::npos) text += ".0";
  return text;
}

std::string to_python(Scalar const& value) {
  struct Print {
    std::string operator()(std::monostate) const { return "None"; }
    std::string operator()(bool b) const { return b ? "True" : "False"; }
    std::string operator()(std::int64_t n) const { return std::to_string(n); }
    std::string operator()(double n) const { return python_float(n); }
    std::string operator()(std::string const& text) const { return text; }
  };
  return std::visit(Print{}, value);
}

namespace {

std::string python_string(std::string const& text) {
  char const quote = contains(text, "'") && !contains(text, "\"") ? '"' : '\'';
  std::string result(1, quote);
  for (char c : text) {
    if (c == quote || c == '\\') result += '\\';
    if (c == '\n')
      result += "\\n";
    else if (c == '\t')
      result += "\\t";
    else if (c == '\r')
      result += "\\r";
    else
      result += c;
  }
  return result + quote;
}

class Flattener {
 public:
  explicit Flattener(Limits const& limits) : limits_(limits) {}

  void add(Node const& node) {
    if (auto const* map = node.map()) {
      for (auto const& [key, child] : *map) {
        std::size_t const before = name_.size();
        if (!name_.empty()) name_ += '.';
        name_ += key;
        add(child);
        name_.resize(before);
      }
      return;
    }
    name_bytes_ += name_.size();
    if (result.metrics.size() >= limits_.max_metrics || name_bytes_ > limits_.max_name_bytes) {
      ++result.left_out;
      return;
    }
    auto const* list = node.list();
    Metric metric{name_, list != nullptr ? Scalar{to_python(node)} : *node.scalar(), list != nullptr};
    if (list != nullptr && list->size() == 1 && list->front().scalar() != nullptr)
      metric.only = *list->front().scalar();
    result.metrics.push_back(std::move(metric));
  }

  Flattened result;

 private:
  Limits const& limits_;
  std::string name_;
  std::size_t name_bytes_ = 0;
};

void append_python(Node const& node, std::string& text) {
  bool first = true;
  auto const separate = [&] {
    if (!std::exchange(first, false)) text += ", ";
  };
  if (auto const* list = node.list()) {
    text += '[';
    for (Node const& item : *list) separate(), append_python(item, text);
    text += ']';
  } else if (auto const* map = node.map()) {
    text += '{';
    for (auto const& [key, item] : *map) {
      separate();
      text += python_string(key) + ": ";
      append_python(item, text);
    }
    text += '}';
  } else {
    auto const* string = std::get_if<std::string>(node.scalar());
    text += string != nullptr ? python_string(*string) : to_python(*node.scalar());
  }
}

}  // namespace

std::string to_python(Node const& node) {
  std::string text;
  append_python(node, text);
  return text;
}

Scalar scalar_of_text(std::string_view text) {
  text = trim(text);
  if (text.empty()) return {};
  std::string_view const unsigned_text = text.substr(text[0] == '+' || text[0] == '-' ? 1 : 0);
  char const first = unsigned_text.empty() ? '\0' : unsigned_text[0];
  if ((first >= '0' && first <= '9') || first == '.') {
    std::string_view const digits = text[0] == '+' ? unsigned_text : text;
    std::int64_t whole = 0;
    auto const end = digits.data() + digits.size();
    if (auto const read = std::from_chars(digits.data(), end, whole); read.ec == std::errc{} && read.ptr == end)
      return whole;
    double number = 0;
    auto const read = std::from_chars(digits.data(), end, number);
    if (read.ptr != end) return std::string(text);
    // 1e400 is infinite to every tool that wrote it, and 1e-400 nothing.
    return read.ec == std::errc{} ? number : std::strtod(std::string(digits).c_str(), nullptr);
  }
  std::string const lower = to_lower(unsigned_text);
  if (lower == "nan") return std::nan("");
  if (lower == "inf" || lower == "infinity") return text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
  if (unsigned_text.size() == text.size() && lower == "true") return true;
  if (unsigned_text.size() == text.size() && lower == "false") return false;
  return std::string(text);
}

Node const* Node::find(std::string_view key) const {
  if (auto const* entries = map())
    for (auto const& [name, child] : *entries)
      if (name == key) return &child;
  return nullptr;
}

Flattened flatten(Node const& node, Limits const& limits) {
  Flattener flattener(limits);
  flattener.add(node);
  return std::move(flattener.result);
}

std::string too_deep(Limits const& limits) {
  return "is nested deeper than " + std::to_string(limits.max_depth) + " levels; write it flatter";
}

std::string too_many_values(Limits const& limits) {
  return "holds more than " + std::to_string(limits.max_values) +
         " values; write the ones that matter into a file of their own";
}

Scalar Column::at(std::size_t row) const {
  if (!cells.empty()) return cells.at(row);
  double const number = numbers.at(row);
  if (whole && std::fabs(number) < 9e15) return static_cast<std::int64_t>(number);
  return number;
}

Column const* Records::column(std::string_view wanted) const {
  for (Column const& candidate : columns)
    if (candidate.name == wanted) return &candidate;
  return nullptr;
}

}  // namespace cml::metrics

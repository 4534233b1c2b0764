#include <nlohmann/json.hpp>

#include <cmath>

#include "base/text.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

// JSON has no NaN, Python's json writes it all the same: outside strings the words become strings that no file holds.
constexpr char kMark = '\x01';

std::string without_nan(std::string_view text) {
  if (!contains(text, "NaN") && !contains(text, "Infinity")) return std::string(text);
  std::string result;
  result.reserve(text.size() + 64);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    char const c = text[i];
    if (in_string) {
      if (c == '\\' && i + 1 < text.size())
        result += text[i++];
      else if (c == '"')
        in_string = false;
      result += text[i];
      continue;
    }
    std::string_view word;
    for (std::string_view candidate : {"NaN", "Infinity", "-Infinity"})
      if (text.substr(i, candidate.size()) == candidate) word = candidate;
    if (!word.empty()) {
      result += "\"\\u0001";
      result += word;
      result += '"';
      i += word.size() - 1;
      continue;
    }
    in_string = c == '"';
    result += c;
  }
  return result;
}

class Builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(Limits const& limits) : limits_(limits) {}
  bool null() override { return put(Node{Scalar{}}); }
  bool boolean(bool value) override { return put(Node{Scalar{value}}); }
  bool number_integer(number_integer_t value) override { return put(Node{Scalar{std::int64_t{value}}}); }
  bool number_unsigned(number_unsigned_t value) override {
    return value > INT64_MAX ? put(Node{Scalar{static_cast<double>(value)}})
                             : put(Node{Scalar{static_cast<std::int64_t>(value)}});
  }
  bool number_float(number_float_t value, string_t const&) override { return put(Node{Scalar{value}}); }
  bool string(string_t& value) override {
    if (!value.empty() && value[0] == kMark) {
      if (value == "\x01NaN") return put(Node{Scalar{std::nan("")}});
      if (value == "\x01Infinity") return put(Node{Scalar{HUGE_VAL}});
      if (value == "\x01-Infinity") return put(Node{Scalar{-HUGE_VAL}});
    }
    return put(Node{Scalar{value}});
  }
  bool binary(binary_t&) override { return fail("binary values are not JSON"); }
  bool start_object(std::size_t) override { return open(Node::Map{}); }
  bool start_array(std::size_t) override { return open(Node::List{}); }
  bool key(string_t& name) override { return stack_.back().key = name, true; }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, std::string const&, nlohmann::detail::exception const& error) override {
    // "[json.exception.parse_error.101] parse error at line 1, column 2: ...": what counts stands behind "] ".
    std::string_view const text = error.what();
    auto const bracket = text.find("] ");
    return fail(one_line(text.substr(bracket == std::string_view::npos ? 0 : bracket + 2), 200));
  }

  std::string error;
  Node root;

 private:
  bool fail(std::string text) { return error = std::move(text), false; }
  bool put(Node node) {
    if (++count_ > limits_.max_values) return fail("holds more than " + std::to_string(limits_.max_values) + " values");
    if (stack_.empty()) return root = std::move(node), true;
    Open& parent = stack_.back();
    if (auto* list = std::get_if<Node::List>(&parent.node.value)) return list->push_back(std::move(node)), true;
    auto& map = std::get<Node::Map>(parent.node.value);
    return map.push_back({std::move(parent.key), std::move(node)}), true;
  }
  bool open(decltype(Node::value) value) {
    if (static_cast<int>(stack_.size()) >= limits_.max_depth)
      return fail("is nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    stack_.push_back({Node{std::move(value)}, {}});
    return true;
  }
  bool close() {
    Node node = std::move(stack_.back().node);
    stack_.pop_back();
    return put(std::move(node));
  }

  struct Open {
    Node node;
    std::string key;  // Of the value that comes next.
  };
  Limits const& limits_;
  std::size_t count_ = 0;
  std::vector<Open> stack_;
};

}  // namespace

Result<Node> parse_json(std::string_view text, Limits const& limits) {
  Builder builder(limits);
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  std::string const plain = without_nan(text);
  if (!nlohmann::json::sax_parse(plain, &builder)) return Error{ErrorKind::BadInput, builder.error};
  return std::move(builder.root);
}

}  // namespace cml::metrics

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/text.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

// JSON has no NaN, Python's json writes it all the same, and numbers beyond a double (1e999) are infinite to it:
// outside strings they become strings that no file holds.
constexpr char kMark = '\x01';

// "NaN", "-Infinity" or the number at text[at] when it is too large; how long it is, or 0.
std::size_t special_number(std::string_view text, std::size_t at, std::string_view& word) {
  for (std::string_view candidate : {"NaN", "Infinity", "-Infinity"})
    if (text.substr(at, candidate.size()) == candidate) return word = candidate, candidate.size();
  constexpr std::size_t kSureToFit = 300;  // Digits.
  std::size_t const end = std::min(text.find_first_not_of("+-.0123456789eE", at), text.size());
  std::string_view const digits = text.substr(at, end - at);
  if (digits.size() <= kSureToFit && digits.find_first_of("eE") == std::string_view::npos) return 0;
  if (!std::isinf(std::strtod(std::string(digits).c_str(), nullptr))) return 0;
  return word = digits[0] == '-' ? "-Infinity" : "Infinity", digits.size();
}

std::string with_marked_numbers(std::string_view text) {
  std::string result;
  result.reserve(text.size() + 64);
  for (std::size_t i = 0; i < text.size();) {
    char const c = text[i];
    std::size_t length = 1;
    if (c == '"') {
      while (i + length < text.size() && text[i + length] != '"') length += text[i + length] == '\\' ? 2 : 1;
      length = std::min(length + 1, text.size() - i);
    } else if (c == '-' || c == 'N' || c == 'I' || (c >= '0' && c <= '9')) {
      std::string_view word;
      if (std::size_t const special = special_number(text, i, word); special > 0) {
        result.append("\"\\u0001").append(word) += '"';
        i += special;
        continue;
      }
      if (c != 'N' && c != 'I') length = std::min(text.find_first_not_of("+-.0123456789eE", i), text.size()) - i;
    }
    result += text.substr(i, length);
    i += length;
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
    if (++count_ > limits_.max_values) return fail(too_many_values(limits_));
    if (stack_.empty()) return root = std::move(node), true;
    Open& parent = stack_.back();
    if (auto* list = std::get_if<Node::List>(&parent.node.value)) return list->push_back(std::move(node)), true;
    auto& map = std::get<Node::Map>(parent.node.value);
    return map.push_back({std::move(parent.key), std::move(node)}), true;
  }
  bool open(decltype(Node::value) value) {
    if (static_cast<int>(stack_.size()) >= limits_.max_depth) return fail(too_deep(limits_));
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
  std::string const plain = with_marked_numbers(text);
  if (!nlohmann::json::sax_parse(plain, &builder)) return Error{ErrorKind::BadInput, builder.error};
  return std::move(builder.root);
}

}  // namespace cml::metrics

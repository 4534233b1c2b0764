#include <yaml.h>

#include <charconv>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

// A plain scalar by YAML 1.2's core schema.
Scalar plain(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  std::string const lower = to_lower(text);
  if (lower == ".nan") return std::nan("");
  if (lower == ".inf" || lower == "+.inf") return HUGE_VAL;
  if (lower == "-.inf") return -HUGE_VAL;
  for (auto const& [prefix, base] : {std::pair{"0x", 16}, std::pair{"0o", 8}}) {
    if (text.substr(0, 2) != prefix) continue;
    std::int64_t whole = 0;
    auto const read = std::from_chars(text.data() + 2, text.data() + text.size(), whole, base);
    if (read.ec == std::errc{} && read.ptr == text.data() + text.size()) return whole;
  }
  char const first = text[text[0] == '-' || text[0] == '+' ? 1 : 0];
  if ((first >= '0' && first <= '9') || first == '.') return scalar_of_text(text);
  return std::string(text);
}

std::size_t count_values(Node const& node) {
  std::size_t count = 1;
  if (auto const* list = node.list())
    for (Node const& item : *list) count += count_values(item);
  if (auto const* map = node.map())
    for (auto const& [key, item] : *map) count += count_values(item);
  return count;
}

// A merge key brings what the map itself does not say.
void merge(Node::Map& map, Node const& from) {
  if (auto const* list = from.list())
    for (Node const& item : *list) merge(map, item);
  if (auto const* other = from.map()) {
    for (auto const& [key, value] : *other) {
      bool known = false;
      for (auto const& entry : map) known |= entry.key == key;
      if (!known) map.push_back({key, value});
    }
  }
}

class Loader {
 public:
  Loader(std::string_view text, Limits const& limits) : limits_(limits) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<unsigned char const*>(text.data()), text.size());
  }
  ~Loader() { yaml_parser_delete(&parser_); }
  Loader(Loader const&) = delete;
  Loader& operator=(Loader const&) = delete;

  Status load() {
    while (true) {
      Event event;
      if (!yaml_parser_parse(&parser_, &event.raw)) return syntax_error();
      switch (event.raw.type) {
        case YAML_STREAM_END_EVENT: return ok();
        case YAML_DOCUMENT_START_EVENT:
          if (++documents_ > 1) return fail(event, "holds several documents; one is read");
          break;
        default:
          CML_CHECK_OK(take(event));
      }
    }
  }

  Node root;

 private:
  struct Event {
    yaml_event_t raw{};
    Event() = default;
    ~Event() { yaml_event_delete(&raw); }
    Event(Event const&) = delete;
    Event& operator=(Event const&) = delete;
    int line() const { return static_cast<int>(raw.start_mark.line) + 1; }
  };
  struct Open {
    Node node;
    std::string anchor, key;
    bool has_key = false, merging = false;
    std::vector<Node> merged;
  };

  Error fail(Event const& event, std::string const& text) const {
    return {ErrorKind::BadInput, "line " + std::to_string(event.line()) + ": " + text};
  }
  Error syntax_error() const {
    std::string text = parser_.problem != nullptr ? parser_.problem : "not YAML";
    return {ErrorKind::BadInput, "line " + std::to_string(parser_.problem_mark.line + 1) + ", column " +
                                     std::to_string(parser_.problem_mark.column + 1) + ": " + text};
  }
  Status take(Event const& event) {
    switch (event.raw.type) {
      case YAML_SCALAR_EVENT: {
        auto const& data = event.raw.data.scalar;
        std::string text(reinterpret_cast<char const*>(data.value), data.length);
        bool const is_plain = data.style == YAML_PLAIN_SCALAR_STYLE;
        if (!stack_.empty() && stack_.back().node.map() != nullptr && !stack_.back().has_key) {
          Open& map = stack_.back();
          map.has_key = true;
          map.merging = is_plain && text == "<<";
          map.key = std::move(text);
          return ok();
        }
        Node node;
        node.value = is_plain && data.tag == nullptr ? plain(text) : Scalar{text};
        node.line = event.line();
        return put(std::move(node), name_of(data.anchor), event);
      }
      case YAML_ALIAS_EVENT: {
        auto const found = anchors_.find(name_of(event.raw.data.alias.anchor));
        if (found == anchors_.end()) return fail(event, "unknown alias *" + name_of(event.raw.data.alias.anchor));
        aliased_ += count_values(found->second);
        if (aliased_ > limits_.max_alias_values)
          return fail(event, "aliases expand to more than " + std::to_string(limits_.max_alias_values) + " values");
        return put(found->second, "", event);
      }
      case YAML_SEQUENCE_START_EVENT: return open(Node::List{}, name_of(event.raw.data.sequence_start.anchor), event);
      case YAML_MAPPING_START_EVENT: return open(Node::Map{}, name_of(event.raw.data.mapping_start.anchor), event);
      case YAML_SEQUENCE_END_EVENT:
      case YAML_MAPPING_END_EVENT: {
        Open closed = std::move(stack_.back());
        stack_.pop_back();
        if (auto* map = std::get_if<Node::Map>(&closed.node.value))
          for (Node const& from : closed.merged) merge(*map, from);
        return put(std::move(closed.node), closed.anchor, event);
      }
      default: return ok();
    }
  }
  static std::string name_of(yaml_char_t const* text) { return text != nullptr ? reinterpret_cast<char const*>(text) : ""; }
  Status open(decltype(Node::value) value, std::string anchor, Event const& event) {
    if (static_cast<int>(stack_.size()) >= limits_.max_depth)
      return fail(event, "is nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    if (!stack_.empty() && stack_.back().node.map() != nullptr && !stack_.back().has_key)
      return fail(event, "a key must be plain text");
    Open& opened = stack_.emplace_back();
    opened.node.value = std::move(value);
    opened.node.line = event.line();
    opened.anchor = std::move(anchor);
    return ok();
  }
  Status put(Node node, std::string const& anchor, Event const& event) {
    if (++count_ > limits_.max_values)
      return fail(event, "holds more than " + std::to_string(limits_.max_values) + " values");
    if (!anchor.empty()) anchors_[anchor] = node;
    if (stack_.empty()) return root = std::move(node), ok();
    Open& parent = stack_.back();
    if (auto* list = std::get_if<Node::List>(&parent.node.value)) return list->push_back(std::move(node)), ok();
    if (!parent.has_key) return fail(event, "a key must be plain text");
    parent.has_key = false;
    if (parent.merging) return parent.merged.push_back(std::move(node)), ok();
    auto& map = std::get<Node::Map>(parent.node.value);
    return map.push_back({std::move(parent.key), std::move(node)}), ok();
  }

  Limits const& limits_;
  yaml_parser_t parser_{};
  std::vector<Open> stack_;
  std::map<std::string, Node> anchors_;
  std::size_t count_ = 0, aliased_ = 0;
  int documents_ = 0;
};

}  // namespace

Result<Node> parse_yaml(std::string_view text, Limits const& limits) {
  Loader loader(text, limits);
  CML_CHECK_OK(loader.load());
  return std::move(loader.root);
}

}  // namespace cml::metrics

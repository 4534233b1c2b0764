#include <charconv>
#include <cmath>
#include <map>

#include "base/text.hpp"
#include "metrics/trees.hpp"
#include "yaml/events.hpp"

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
  Loader(std::string_view text, Limits const& limits) : limits_(limits), events_(text) {}

  Status load() {
    while (true) {
      CML_TRY(event, events_.next());
      if (event.kind == Event::Kind::End) return ok();
      if (event.kind == Event::Kind::DocumentStart && ++documents_ > 1)
        return fail(event, "holds several documents; one is read");
      CML_CHECK_OK(take(event));
    }
  }

  Node root;

 private:
  using Event = yaml::Event;
  struct Open {
    Node node;
    std::string anchor, key;
    bool has_key = false, merging = false;
    int key_line = 0;
    std::vector<Node> merged;
  };

  Error fail(Event const& event, std::string const& text) const {
    return {ErrorKind::BadInput, "line " + std::to_string(event.line) + ": " + text};
  }
  Status take(Event const& event) {
    switch (event.kind) {
      case Event::Kind::Scalar: {
        if (!stack_.empty() && stack_.back().node.map() != nullptr && !stack_.back().has_key) {
          Open& map = stack_.back();
          map.has_key = true;
          map.merging = event.plain && event.text == "<<";
          map.key = event.text;
          map.key_line = event.line;
          return ok();
        }
        Node node;
        node.value = event.plain ? plain(event.text) : Scalar{event.text};
        node.line = event.line;
        return put(std::move(node), event.anchor, event);
      }
      case Event::Kind::Alias: {
        auto const found = anchors_.find(event.text);
        if (found == anchors_.end()) return fail(event, "unknown alias *" + event.text);
        aliased_ += count_values(found->second);
        if (aliased_ > limits_.max_alias_values)
          return fail(event, "aliases expand to more than " + std::to_string(limits_.max_alias_values) + " values");
        return put(found->second, "", event);
      }
      case Event::Kind::SequenceStart:
        return open(Node::List{}, event);
      case Event::Kind::MappingStart:
        return open(Node::Map{}, event);
      case Event::Kind::SequenceEnd:
      case Event::Kind::MappingEnd: {
        Open closed = std::move(stack_.back());
        stack_.pop_back();
        if (auto* map = std::get_if<Node::Map>(&closed.node.value))
          for (Node const& from : closed.merged) merge(*map, from);
        return put(std::move(closed.node), closed.anchor, event);
      }
      default:
        return ok();
    }
  }
  Status open(decltype(Node::value) value, Event const& event) {
    if (static_cast<int>(stack_.size()) >= limits_.max_depth)
      return fail(event, "is nested deeper than " + std::to_string(limits_.max_depth) + " levels");
    if (!stack_.empty() && stack_.back().node.map() != nullptr && !stack_.back().has_key)
      return fail(event, "a key must be plain text");
    Open& opened = stack_.emplace_back();
    opened.node.value = std::move(value);
    opened.node.line = event.line;
    opened.anchor = event.anchor;
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
    node.key_line = parent.key_line;
    return map.push_back({std::move(parent.key), std::move(node)}), ok();
  }

  Limits const& limits_;
  yaml::Events events_;
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

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <unordered_set>

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

// A merge key brings what the map itself does not say; `known` are the names it has.
void merge(Node::Map& map, std::unordered_set<std::string>& known, Node& from) {
  if (auto* list = std::get_if<Node::List>(&from.value))
    for (Node& item : *list) merge(map, known, item);
  if (auto* other = std::get_if<Node::Map>(&from.value))
    for (auto& [key, value] : *other)
      if (known.insert(key).second) map.push_back({key, std::move(value)});
}

// How many values a node holds, itself included, and how deep they lie; a scalar: 1 and 0.
struct Size {
  std::size_t values = 1;
  int depth = 0;
  void add(Size const& child) {
    values += child.values;
    depth = std::max(depth, child.depth + 1);
  }
};

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
    Size size{1, 1};
  };
  struct Anchored {
    Node node;
    Size size;
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
        return put(std::move(node), {}, event.anchor, event);
      }
      case Event::Kind::Alias: {
        auto const found = anchors_.find(event.text);
        if (found == anchors_.end()) return fail(event, "unknown alias *" + event.text);
        auto const& [node, size] = found->second;
        aliased_ += size.values;
        if (aliased_ > limits_.max_alias_values)
          return fail(event, "aliases expand to more than " + std::to_string(limits_.max_alias_values) + " values");
        if (static_cast<int>(stack_.size()) + size.depth > limits_.max_depth) return fail(event, too_deep(limits_));
        return put(node, size, "", event);
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
          if (!closed.merged.empty()) {
            std::unordered_set<std::string> known;
            for (auto const& entry : *map) known.insert(entry.key);
            for (Node& from : closed.merged) merge(*map, known, from);
          }
        return put(std::move(closed.node), closed.size, closed.anchor, event);
      }
      default:
        return ok();
    }
  }
  Status open(decltype(Node::value) value, Event const& event) {
    if (static_cast<int>(stack_.size()) >= limits_.max_depth) return fail(event, too_deep(limits_));
    if (!stack_.empty() && stack_.back().node.map() != nullptr && !stack_.back().has_key)
      return fail(event, "a key must be plain text");
    Open& opened = stack_.emplace_back();
    opened.node.value = std::move(value);
    opened.node.line = event.line;
    opened.anchor = event.anchor;
    return ok();
  }
  Status put(Node node, Size const& size, std::string const& anchor, Event const& event) {
    if (++count_ > limits_.max_values) return fail(event, too_many_values(limits_));
    if (!anchor.empty()) {
      // A copy each, and anchors may stand within anchors.
      anchored_ += size.values;
      if (anchored_ > limits_.max_anchored_values)
        return fail(event, "anchors hold more than " + std::to_string(limits_.max_anchored_values) +
                               " values between them; anchor smaller parts");
      anchors_[anchor] = {node, size};
    }
    if (stack_.empty()) return root = std::move(node), ok();
    Open& parent = stack_.back();
    parent.size.add(size);
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
  std::map<std::string, Anchored> anchors_;
  std::size_t count_ = 0, aliased_ = 0, anchored_ = 0;
  int documents_ = 0;
};

}  // namespace

Result<Node> parse_yaml(std::string_view text, Limits const& limits) {
  Loader loader(text, limits);
  CML_CHECK_OK(loader.load());
  return std::move(loader.root);
}

}  // namespace cml::metrics

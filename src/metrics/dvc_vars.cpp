#include "metrics/dvc_vars.hpp"

#include "base/text.hpp"

namespace cml::metrics {
namespace {

// Of one stage; hostile lists of lists end there.
constexpr std::size_t kMaxRounds = 1000, kMaxMatrixKeys = 10, kMaxItemValues = 1000;

Node text_node(std::string text) {
  Node node;
  node.value = Scalar{std::move(text)};
  return node;
}

// At most `left` values; counts no further.
bool is_small(Node const& node, std::size_t& left) {
  if (left == 0) return false;
  --left;
  if (auto const* list = node.list())
    for (Node const& item : *list)
      if (!is_small(item, left)) return false;
  if (auto const* map = node.map())
    for (auto const& [key, item] : *map)
      if (!is_small(item, left)) return false;
  return true;
}
bool is_small(Node const& node) {
  std::size_t left = kMaxItemValues;
  return is_small(node, left);
}

// {name: value}
Node map_of(std::vector<std::pair<std::string, Node>> entries) {
  Node::Map map;
  for (auto& [key, value] : entries) map.push_back({std::move(key), std::move(value)});
  Node node;
  node.value = std::move(map);
  return node;
}

// "a.b[0].c" in a tree.
Node const* at_path(Node const& root, std::string_view path) {
  Node const* node = &root;
  for (std::string const& part : split(replace_all(replace_all(std::string(path), "[", "."), "]", ""), '.')) {
    if (auto const* list = node->list()) {
      auto const index = parse_integer(part);
      if (!index || *index < 0 || static_cast<std::size_t>(*index) >= list->size()) return nullptr;
      node = &(*list)[static_cast<std::size_t>(*index)];
    } else {
      node = node->find(part);
    }
    if (node == nullptr) return nullptr;
  }
  return node;
}

}  // namespace

DvcVars::DvcVars(Node const& tree, LoadVars load) : load_(std::move(load)) {
  if (load_)
    if (auto params = load_("params.yaml")) scopes_.push_back(std::make_shared<Node>(std::move(*params)));
  add(tree.find("vars"));
}

// A list of maps of values and of files, "config.json" or "config.json:a,b".
void DvcVars::add(Node const* vars) {
  if (vars == nullptr || vars->list() == nullptr) return;
  for (Node const& entry : *vars->list()) {
    if (entry.map() != nullptr) {
      scopes_.push_back(std::make_shared<Node>(entry));
    } else if (entry.scalar() != nullptr && load_) {
      std::string const text = resolved(to_python(*entry.scalar()));
      if (auto loaded = load_(text.substr(0, text.find(':'))))
        scopes_.push_back(std::make_shared<Node>(std::move(*loaded)));
    }
  }
}

DvcVars DvcVars::within(Node const& stage) const {
  DvcVars inner = *this;
  inner.add(stage.find("vars"));
  return inner;
}

Node const* DvcVars::find(std::string_view path) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope)
    if (Node const* found = at_path(**scope, trim(path))) return found;
  return nullptr;
}

// What a node stands for: "${models}" may be a whole list.
Node const* DvcVars::referred(Node const* node) const {
  auto const* text = node != nullptr && node->scalar() != nullptr ? std::get_if<std::string>(node->scalar()) : nullptr;
  if (text == nullptr || !text->starts_with("${") || text->find('}') != text->size() - 1) return node;
  return find(std::string_view(*text).substr(2, text->size() - 3));
}

std::vector<DvcVars> DvcVars::rounds(Node const& stage) const {
  std::vector<DvcVars> rounds;
  auto const with = [&](Node scope) {
    if (rounds.size() >= kMaxRounds) return;
    rounds.push_back(*this);
    rounds.back().scopes_.push_back(std::make_shared<Node>(std::move(scope)));
  };
  if (Node const* each = referred(stage.find("foreach"))) {
    if (auto const* list = each->list())
      for (Node const& item : *list)
        if (is_small(item)) with(map_of({{"item", item}}));
    if (auto const* map = each->map())
      for (auto const& [key, value] : *map)
        if (is_small(value)) with(map_of({{"item", value}, {"key", text_node(key)}}));
    return rounds;
  }
  Node const* matrix = stage.find("matrix");
  if (matrix == nullptr || matrix->map() == nullptr || matrix->map()->size() > kMaxMatrixKeys) return {*this};
  std::vector<Node::Map> choices(1);  // Every one of each with every one of the others.
  for (auto const& [name, values] : *matrix->map()) {
    std::vector<Node::Map> longer;
    Node const* list = referred(&values);
    if (list == nullptr || list->list() == nullptr) continue;
    for (Node::Map const& choice : choices)
      for (Node const& value : *list->list()) {
        if (longer.size() >= kMaxRounds) break;
        if (!is_small(value)) continue;
        longer.push_back(choice);
        longer.back().push_back({name, value});
      }
    choices = std::move(longer);
  }
  for (Node::Map& choice : choices) {
    Node item;
    item.value = std::move(choice);
    with(map_of({{"item", std::move(item)}}));
  }
  return rounds;
}

std::string DvcVars::resolved(std::string_view text) const {
  std::string result;
  while (true) {
    auto const at = text.find("${");
    auto const end = at == std::string_view::npos ? at : text.find('}', at);
    if (end == std::string_view::npos) return result + std::string(text);
    result += text.substr(0, at);
    Node const* found = at > 0 && text[at - 1] == '\\' ? nullptr : find(text.substr(at + 2, end - at - 2));
    if (found != nullptr && found->scalar() != nullptr)
      result += to_python(*found->scalar());
    else
      result += text.substr(at, end + 1 - at);
    text.remove_prefix(end + 1);
  }
}

}  // namespace cml::metrics

#define TOML_ENABLE_FORMATTERS 1
#include <toml++/toml.h>

#include <algorithm>
#include <sstream>

#include "metrics/trees.hpp"

namespace cml::metrics {
namespace {

class Converter {
 public:
  explicit Converter(Limits const& limits) : limits_(limits) {}

  Node convert(toml::node const& from) {
    if (++count_ > limits_.max_values) over_ = true;
    Node node;
    node.line = static_cast<int>(from.source().begin.line);
    if (over_) return node;
    if (auto const* table = from.as_table()) {
      // toml++ sorts keys; the file's own order is what people expect to see.
      std::vector<std::pair<toml::source_position, toml::key const*>> keys;
      for (auto const& [key, value] : *table) keys.push_back({key.source().begin, &key});
      std::sort(keys.begin(), keys.end(), [](auto const& a, auto const& b) {
        return std::pair(a.first.line, a.first.column) < std::pair(b.first.line, b.first.column);
      });
      Node::Map map;
      for (auto const& [position, key] : keys) map.push_back({std::string(key->str()), convert(*table->get(key->str()))});
      node.value = std::move(map);
    } else if (auto const* array = from.as_array()) {
      Node::List list;
      for (auto const& item : *array) list.push_back(convert(item));
      node.value = std::move(list);
    } else if (auto const* whole = from.as_integer()) {
      node.value = Scalar{whole->get()};
    } else if (auto const* number = from.as_floating_point()) {
      node.value = Scalar{number->get()};
    } else if (auto const* truth = from.as_boolean()) {
      node.value = Scalar{truth->get()};
    } else if (auto const* text = from.as_string()) {
      node.value = Scalar{text->get()};
    } else {
      std::ostringstream date;
      if (auto const* d = from.as_date()) date << d->get();
      if (auto const* t = from.as_time()) date << t->get();
      if (auto const* dt = from.as_date_time()) date << dt->get();
      node.value = Scalar{date.str()};
    }
    return node;
  }
  bool over() const { return over_; }

 private:
  Limits const& limits_;
  std::size_t count_ = 0;
  bool over_ = false;
};

}  // namespace

Result<Node> parse_toml(std::string_view text, Limits const& limits) {
  try {
    toml::table const table = toml::parse(text);
    Converter converter(limits);
    Node node = converter.convert(table);
    if (converter.over()) return Error{ErrorKind::BadInput, "holds more than " + std::to_string(limits.max_values) + " values"};
    return node;
  } catch (toml::parse_error const& error) {
    auto const& at = error.source().begin;
    return Error{ErrorKind::BadInput, "line " + std::to_string(at.line) + ", column " + std::to_string(at.column) + ": " +
                                          std::string(error.description())};
  }
}

}  // namespace cml::metrics

// XML as EC2 and STS answer: elements and text. No DTDs, so nothing expands; size and depth are capped.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cml::cloud::aws {

struct Xml {
  std::string name, text;  // Text of the element itself, entities resolved.
  std::vector<Xml> children;

  Xml const* child(std::string_view name) const;
  // Text of the element at "a/b/c" below this one; empty when there is none.
  std::string at(std::string_view path) const;
  // The elements called `item` of the list at `path`.
  std::vector<Xml const*> items(std::string_view path, std::string_view item = "item") const;
};

std::optional<Xml> parse_xml(std::string_view text);  // The root; nothing when it is malformed.

}  // namespace cml::cloud::aws

// Encoding blocks: production rules evaluated for all items of a mark, channel by channel.
#pragma once

#include <string>

#include "vega/runtime/group_scope.hpp"
#include "vega/scene/scene.hpp"

namespace cml::vega {

// Evaluates "enter" and "update" into the mark's channels, over the defaults that config and styles have for its type
// and role (vega-parser's encode/defaults); `mark.data` and `mark.count` are set.
void encode_mark(Mark& mark, Value const& encode, std::string_view role, Value const& style, GroupScope& scope,
                 std::string const& path);

// Scene items as expressions see them: their channels, datum, and mark.group up the tree.
class ItemValues {
 public:
  explicit ItemValues(Mark const& mark);
  Value at(std::size_t item) const;

 private:
  Mark const& mark_;
  Value around_;  // The mark, which all items share.
};

}  // namespace cml::vega

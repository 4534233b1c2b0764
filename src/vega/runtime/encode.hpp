// Encoding blocks: production rules evaluated for all items of a mark, channel by channel.
#pragma once

#include <string>

#include "vega/runtime/group_scope.hpp"
#include "vega/scene/scene.hpp"

namespace cml::vega {

// The mark's encode object with defaults of config and styles filled in (vega-parser's encode/defaults).
Value encode_with_defaults(Value const& encode, std::string_view mark_type, std::string_view role, Value const& style, Value const& config);

// Evaluates "enter" and "update" into the mark's channels; `mark.data` and `mark.count` are set.
void encode_mark(Mark& mark, Value const& encode, GroupScope& scope, std::string const& path);

// A scene item as expressions see it: its channels, datum, and mark.group up the tree.
Value item_value(Mark const& mark, std::size_t item);

}  // namespace cml::vega

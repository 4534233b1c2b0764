// The order of values under a sort, as JavaScript and Vega have it, also where it is none: with numbers among text, "b"
// comes before "c", and both are equal to 5. What a sort makes of that depends on its algorithm, so V8's is here, too.
//
// Example: 5 and "b" are equal, as "b" is no number; ["b", 5, 1] sorts to ["b", 1, 5], and [5, "b", 1] to [1, 5, "b"].
#pragma once

#include <cstdint>
#include <functional>

#include "vega/value/table.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {

// vega-util's `ascending`: null and undefined before NaN before what compares by `<`. Returns <0, 0, >0.
int ascending(Value const& a, Value const& b);

// Whether the cells compare without contradiction: numbers, dates and truths among themselves, or texts and lists.
bool has_order(Column const& cells);

// Array.prototype.sort of V8 (its TimSort: runs, binary insertion, galloping merges), which asks for the same pairs in
// the same order and so ends alike where the order contradicts itself. Stable. `compare` returns <0, 0, >0 for two
// items.
using CompareItems = std::function<int(std::uint32_t, std::uint32_t)>;
void sort_as_v8(std::uint32_t* begin, std::uint32_t* end, CompareItems const& compare);

}  // namespace cml::vega

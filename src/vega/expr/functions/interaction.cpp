// Functions of pointers, items under them and changing data: they stand in event handlers, which a still picture never
// runs. They parse, and say so when something evaluates them after all.
#include "vega/expr/function.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

Value refuse(Call const& c) {
  fail_unsupported("", "the function \"" + std::string(c.name) + "\" needs an interactive view");
}
constexpr FunctionType row(std::string_view name) { return {name, 0, -1, refuse}; }

constexpr FunctionType kInteraction[] = {
    row("view"),
    row("item"),
    row("group"),
    row("xy"),
    row("x"),
    row("y"),
    row("modify"),
    row("setdata"),
    row("encode"),
    row("intersect"),
    row("intersectLasso"),
    row("lassoAppend"),
    row("lassoPath"),
    row("pinchDistance"),
    row("pinchAngle"),
    row("copy"),
    row("pathShape"),
};

}  // namespace

std::span<FunctionType const> interaction_functions() { return kInteraction; }

}  // namespace cml::vega

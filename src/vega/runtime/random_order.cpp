// The reference evaluates all signals and datasets of a group before its marks, in the order of the specification; here
// they wait until somebody asks. For random numbers the order is the result:
//
//   data: [{name: "unused", ... random()}, {name: "b", ... random()}]   ->   b has the second numbers, not the first
#include <algorithm>
#include <iterator>

#include "vega/runtime/build.hpp"
#include "vega/value/budget.hpp"

namespace cml::vega {
namespace {

constexpr std::string_view kDrawers[] = {"random(", "sampleNormal(", "sampleLogNormal(", "sampleUniform("};
constexpr std::string_view kRandomOps[] = {"ci0", "ci1"};  // Bootstrapped.

bool is_random_op(Value const& op) {
  return op.is_string() && std::find(std::begin(kRandomOps), std::end(kRandomOps), op.string()) != std::end(kRandomOps);
}

// Whether an expression within draws numbers.
bool draws(Value const& part) {
  budget::steps(20);
  if (part.is_string()) {
    auto const text = part.string();
    return std::any_of(std::begin(kDrawers), std::end(kDrawers),
                       [&](std::string_view drawer) { return text.find(drawer) != std::string_view::npos; });
  }
  if (!part.is_object()) return false;
  return std::any_of(part.properties().begin(), part.properties().end(),
                     [](auto const& property) { return draws(property.second); });
}

bool transform_draws(Value const& transform) {
  if (transform["type"].string_or("") == "sample" || draws(transform)) return true;
  auto const& ops = transform["ops"].items();
  return std::any_of(ops.begin(), ops.end(), is_random_op);
}

}  // namespace

void draw_random_in_order(GroupScope& scope) {
  for (auto const& signal : scope.spec()["signals"].items())
    if (signal["name"].is_string() && (draws(signal["init"]) || draws(signal["update"])))
      scope.signal(signal["name"].string());
  for (auto const& data : scope.spec()["data"].items()) {
    auto const& transforms = data["transform"].items();
    if (data["name"].is_string() && std::any_of(transforms.begin(), transforms.end(), transform_draws))
      scope.data(data["name"].string());
  }
}

}  // namespace cml::vega

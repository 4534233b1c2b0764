// Projections of a group, made when first asked for: their properties may be signals, `fit` may be datasets.
#include "vega/geo/projection.hpp"
#include "vega/runtime/group_scope.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

// `{signal: ...}` at any depth of lists; objects that are GeoJSON stay as they are.
Value resolve_deep(Value const& value, GroupScope& scope, std::string const& path) {
  if (value.is_object() && value["signal"].is_string()) return scope.resolve(value, path);
  if (!value.is_array()) return value;
  Array out;
  for (std::size_t i = 0; i < value.size(); ++i) out.push_back(resolve_deep(value.at(i), scope, path + "[" + std::to_string(i) + "]"));
  return out;
}

}  // namespace

Projection const* GroupScope::projection(std::string_view name) {
  std::size_t i = 0;
  for (auto const& spec : spec_["projections"].items()) {
    auto const where = path_ + ".projections[" + std::to_string(i++) + "]";
    if (spec["name"].string() != name || !spec["name"].is_string()) continue;
    {
      auto& entry = projections_[std::string(name)];
      if (entry.state == State::Done) return entry.projection.get();
      if (entry.state == State::Running) fail(where, "the projection \"" + std::string(name) + "\" depends on itself");
      entry.state = State::Running;
    }
    Value resolved = Value(Object());
    for (auto const& [key, value] : view_.config["projection"].properties()) resolved.set(key, resolve_deep(value, *this, where));
    for (auto const& [key, value] : spec.properties()) resolved.set(key, resolve_deep(value, *this, where + "." + std::string(key.view())));
    auto made = Projection::make(resolved, where);
    auto& entry = projections_[std::string(name)];
    entry.projection = std::move(made);
    entry.state = State::Done;
    return entry.projection.get();
  }
  return parent_ ? parent_->projection(name) : nullptr;
}

Value GroupScope::geo(std::string_view measure, std::string_view name, Value const& feature) {
  if (name.empty()) return geo_measure(measure, nullptr, feature);
  auto const* found = projection(name);
  return found ? geo_measure(measure, found, feature) : Value();
}

}  // namespace cml::vega

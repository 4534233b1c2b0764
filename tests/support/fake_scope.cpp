#include "support/fake_scope.hpp"

#include <cmath>

#include "vega/value/error.hpp"

namespace cml::test {

using vega::Value;

Value FakeScope::signal(std::string_view name) {
  ++signal_calls;
  auto const found = signals.find(name);
  if (found == signals.end()) vega::fail("", "unknown signal \"" + std::string(name) + "\"");
  return found->second;
}
vega::TableRef FakeScope::data(std::string_view name) {
  auto const found = datasets.find(name);
  return found == datasets.end() ? vega::TableRef() : found->second;
}
// The scale "lin" maps [0, 10] to [0, 100].
Value FakeScope::scale(std::string_view name, Value const& input) {
  double const x = input.to_number();
  return name == "lin" && !std::isnan(x) ? Value(x * 10) : Value();
}
Value FakeScope::invert(std::string_view name, Value const& output) {
  return name == "lin" ? Value(output.to_number() / 10) : Value();
}
Value FakeScope::domain(std::string_view name) { return name == "lin" ? Value::array({0, 10}) : Value(); }
Value FakeScope::range(std::string_view name) { return name == "lin" ? Value::array({0, 100}) : Value(); }
vega::Projection const* FakeScope::projection(std::string_view name) {
  auto const found = projections.find(name);
  return found == projections.end() ? nullptr : found->second;
}
double FakeScope::random() {
  seed = std::fmod(1103515245.0 * seed + 12345, 2147483647.0);
  return seed / 2147483647.0;
}

}  // namespace cml::test

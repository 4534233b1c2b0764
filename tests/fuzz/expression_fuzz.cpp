// Any text as an expression: it parses and evaluates, or fails with an EngineError; nothing else.
#include <cstdint>
#include <string_view>

#include "support/fake_scope.hpp"
#include "vega/expr/expression.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

using namespace cml::vega;

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  static TableRef const rows =
      Table::from_rows({Value::object({{"n", 3}, {"s", "abc"}, {"b", true}, {"a", Value::array({1, "x"})}}),
                        Value::object({{"n", Value(nullptr)}, {"s", ""}, {"t", Value::date(1e12)}})});
  BudgetScope const budget({2e8, 4e8});  // Less than usual: the sanitizers make everything ten times slower.
  cml::test::FakeScope scope;
  scope.signals["sig"] = 7;
  scope.datasets["rows"] = rows;
  try {
    Expression const expression(std::string_view(reinterpret_cast<char const*>(data), size), "fuzz");
    expression.evaluate(scope, {rows.get(), 0, nullptr});
    expression.evaluate_column(scope, *rows);
    expression.true_rows(scope, *rows);
  } catch (EngineError const&) {
  }
  return 0;
}

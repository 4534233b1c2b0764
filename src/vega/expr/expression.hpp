// A compiled Vega expression. Compile once, then evaluate for one datum or over a whole table.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "vega/expr/scope.hpp"

namespace cml::vega {

class Expression {
 public:
  // Fails (EngineError, with the path and the column in the text) on a syntax error or an unknown function.
  Expression(std::string_view text, std::string const& path);
  ~Expression();
  Expression(Expression&&) noexcept;
  Expression& operator=(Expression&&) noexcept;

  Value evaluate(Scope& scope, Datum datum = {}, Value const* item = nullptr) const;
  ColumnRef evaluate_column(Scope& scope, Table const& table) const;             // One cell a row, in row order.
  std::vector<std::uint32_t> true_rows(Scope& scope, Table const& table) const;  // Row positions where truthy.
  bool uses_datum() const;  // Refers to datum or item: differs from row to row (random() counts too).
  bool uses_item() const;   // Refers to the scene item, which evaluate() then needs.

 private:
  struct Program;
  std::unique_ptr<Program> program_;
};

}  // namespace cml::vega

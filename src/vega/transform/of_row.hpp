#pragma once

#include <optional>

#include "vega/transform/parameters.hpp"

namespace cml::vega {

// A parameter that is given once or is an expression of the row: 3, {"signal": "s"} or {"expr": "datum.a"}.
class OfRow {
 public:
  OfRow(Parameters const& p, Value const& spec, char const* name) : scope_(p.scope()) {
    if (spec[name]["expr"].is_string())
      expression_.emplace(spec[name]["expr"].string(), p.path(name) + ".expr");
    else
      value_ = p.value(name);
  }
  bool given() const { return expression_ || value_.truthy(); }
  Value operator()(Value const& row) const {
    return expression_ ? expression_->evaluate(scope_, {nullptr, 0, &row}) : value_;
  }

 private:
  Scope& scope_;
  std::optional<Expression> expression_;
  Value value_;
};

}  // namespace cml::vega

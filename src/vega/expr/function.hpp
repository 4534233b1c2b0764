// The functions of the expression language: one row each, in families beside their code (functions/*.cpp).
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "vega/expr/scope.hpp"

namespace cml::vega {

// What a call of a function sees. Arguments that were not given read as undefined.
struct Call {
  Scope& scope;
  std::span<Value const> arguments;
  std::string_view name;

  std::size_t size() const { return arguments.size(); }
  Value const& operator[](std::size_t i) const;
  double number(std::size_t i) const { return (*this)[i].to_number(); }
  bool given(std::size_t i) const { return i < arguments.size() && arguments[i].defined(); }
};

struct FunctionType {
  std::string_view name;
  int min_arguments = 0;
  int max_arguments = -1;  // -1: any number. More are an error only where the reference says so.
  Value (*call)(Call const&) = nullptr;
  double (*unary)(double) = nullptr;  // The function on one number, or on two: the fast path.
  double (*binary)(double, double) = nullptr;
  bool varies = false;                  // May differ from call to call with the same arguments (random).
  bool (*predicate)(double) = nullptr;  // A truth that is the same of null and undefined as of NaN, on one number.
};

FunctionType const* find_function(std::string_view name);  // Null when unknown.
std::span<std::span<FunctionType const> const> function_families();

std::span<FunctionType const> math_functions();
std::span<FunctionType const> distribution_functions();
std::span<FunctionType const> easing_functions();
std::span<FunctionType const> date_functions();
std::span<FunctionType const> string_functions();
std::span<FunctionType const> type_functions();
std::span<FunctionType const> array_functions();
std::span<FunctionType const> color_functions();
std::span<FunctionType const> format_functions();
std::span<FunctionType const> range_functions();
std::span<FunctionType const> scale_functions();
std::span<FunctionType const> data_functions();
std::span<FunctionType const> selection_functions();
std::span<FunctionType const> interaction_functions();  // Parsed, and fail naming themselves when evaluated.

}  // namespace cml::vega

// What all scopes of one run share. Internal to the room.
#pragma once

#include <memory>
#include <string>

#include "vega/runtime/by_name.hpp"
#include "vega/runtime/expression_cache.hpp"
#include "vega/runtime/run.hpp"
#include "vega/value/number_format.hpp"
#include "vega/value/time_format.hpp"

namespace cml::vega {

struct View {
  View(RunOptions const& o, SceneContext& c, Diagnostics& d)
      : options(o), context(c), diagnostics(d), random_state(o.seed) {}

  RunOptions const& options;
  SceneContext& context;
  Diagnostics& diagnostics;
  Value config;
  NumberLocaleRef number_locale = NumberLocale::standard();
  TimeLocaleRef time_locale = TimeLocale::standard();
  RunState run_state;
  std::size_t items = 0;             // Made so far.
  std::size_t groups = 0;            // Scopes made so far.
  int depth = 0;                     // Of nested groups.
  void const* evaluating = nullptr;  // The innermost signal that is being evaluated.

  Expression const& expression(std::string_view text, std::string const& path) {
    auto const found = expressions.find(text);
    if (found != expressions.end()) return *found->second;
    return *expressions.emplace(std::string(text), compiled_expression(text, path)).first->second;
  }
  // The reference's seeded generator (vega-statistics randomLCG), in doubles as there: the product is rounded before
  // the remainder is taken. From the first number on it is whole and below 2^62, where an integer's remainder is the
  // same and much cheaper than fmod.
  double random() {
    double const next = 1103515245.0 * random_state + 12345.0;
    constexpr double kModulus = 2147483647.0, kWhole = 4611686018427387904.0;
    random_state = next >= 0 && next < kWhole && next == std::floor(next)
                       ? static_cast<double>(static_cast<std::uint64_t>(next) % static_cast<std::uint64_t>(kModulus))
                       : std::fmod(next, kModulus);
    return random_state / kModulus;
  }

  double random_state;
  ByName<std::shared_ptr<Expression const>> expressions;
};

}  // namespace cml::vega

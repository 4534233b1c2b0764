// A chart of a few signals, datasets and a linear scale, for tests of expressions and transforms.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "vega/expr/scope.hpp"

namespace cml::test {

class FakeScope : public vega::Scope {
 public:
  std::map<std::string, vega::Value, std::less<>> signals;
  std::map<std::string, vega::TableRef, std::less<>> datasets;
  std::map<std::string, vega::Projection const*, std::less<>> projections;
  std::vector<std::string> warnings;
  int signal_calls = 0;

  vega::Value signal(std::string_view name) override;
  vega::TableRef data(std::string_view name) override;
  void replace_data(std::string_view name, vega::TableRef table) override { datasets[std::string(name)] = table; }
  vega::Value scale(std::string_view name, vega::Value const& input) override;
  vega::Value invert(std::string_view name, vega::Value const& output) override;
  vega::Value domain(std::string_view name) override;
  vega::Value range(std::string_view name) override;
  vega::Value bandwidth(std::string_view) override { return {}; }
  vega::Value gradient(std::string_view, vega::Value const&, vega::Value const&, double) override { return {}; }
  vega::Value geo(std::string_view, std::string_view, vega::Value const&) override { return {}; }
  vega::Projection const* projection(std::string_view name) override;
  vega::RunState& run_state() override { return state; }
  vega::RunState state;
  double random() override;  // vega-statistics' randomLCG(seed).
  double now() override { return 0; }
  void warn(std::string_view text) override { warnings.emplace_back(text); }
  double seed = 0.5;
};

}  // namespace cml::test

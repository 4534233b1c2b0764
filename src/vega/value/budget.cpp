#include "vega/value/budget.hpp"

#include "vega/value/error.hpp"
#include "vega/value/value.hpp"

namespace cml::vega {
namespace budget {
namespace {

std::string path() { return meter.place ? *meter.place : std::string(); }

}  // namespace

void over_steps() {
  fail(path(), std::string(kOverBudget) + "too much work (limit " + number_to_string(meter.most_steps) +
                   " steps); draw fewer rows, groups or items, aggregate first, or allow more by --plot-budget");
}
void over_bytes() {
  fail(path(), std::string(kOverBudget) + "too much data at once (limit " + number_to_string(meter.most_bytes / 1e6) +
                   " MB); use fewer rows or columns, shorter text or smaller images, or allow more by --plot-budget");
}
void over_levels(std::string const& what) {
  fail(path(), what + " ask for each other more levels deep than one drawing may");
}

}  // namespace budget

BudgetScope::BudgetScope(Limits const& limits) : outermost_(!budget::meter.running) {
  if (!outermost_) return;
  budget::meter = {};
  budget::meter.most_steps = limits.steps;
  budget::meter.most_bytes = limits.bytes;
  budget::meter.running = true;
}
BudgetScope::~BudgetScope() {
  if (outermost_) budget::meter = {};
}

}  // namespace cml::vega

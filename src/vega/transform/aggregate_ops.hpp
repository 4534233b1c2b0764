// The operations of aggregate, joinaggregate, pivot and window: running states over cells, results by operation.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vega/transform/parameters.hpp"

namespace cml::vega {

enum class AggregateOp : std::uint8_t {
  Values,
  Count,
  CountCells,
  Missing,
  Valid,
  Sum,
  Product,
  Mean,
  Average,
  Variance,
  VarianceP,
  Stdev,
  StdevP,
  Stderr,
  Distinct,
  Ci0,
  Ci1,
  Median,
  Q1,
  Q3,
  Min,
  Max,
  Argmin,
  Argmax,
  Exponential,
  ExponentialB
};
std::optional<AggregateOp> aggregate_op(std::string_view name);
std::string aggregate_op_names();
std::string measure_name(std::string_view op, std::string_view field, std::string_view as);

// What one group, or one window, has seen of one field.
struct AggregateState {
  std::uint32_t valid = 0, missing = 0;
  std::uint32_t min_row = 0xffffffffu, max_row = 0xffffffffu;
  double sum = 0, product = 1, mean = 0, mean_delta = 0, deviation = 0, exponential = 0;
};

struct AggregateRequest {
  AggregateOp op;
  double parameter = 0;  // NaN: none given.
  std::string name;
};

// One field and all that is asked of it.
class Measure {
 public:
  Measure(Table const& table, FieldColumn cells);
  void request(AggregateRequest request);
  std::vector<AggregateRequest> const& requests() const { return requests_; }
  bool needs_rows() const { return needs_rows_; }

  void add(AggregateState& state, std::uint32_t row) const;
  void remove(AggregateState& state, std::uint32_t row) const;  // All but min, max and the like, which look at rows.
  // `rows`: the rows of the group in order. `count` is their number.
  Value result(AggregateRequest const& request, AggregateState const& state, std::span<std::uint32_t const> rows,
               std::size_t count, Scope& scope) const;
  // The row of the least or greatest cell among rows; 0xffffffff when there is none.
  std::uint32_t extreme(std::span<std::uint32_t const> rows, bool greatest) const;
  bool needs_extremes() const { return extremes_; }
  // Whether any two of its cells can be compared, so that extremes may be found in any order.
  bool ordered() const { return by_number_ || texts_; }
  bool valid(std::uint32_t row) const { return status_[row] == 0; }
  bool less(std::uint32_t a, std::uint32_t b) const;  // Of valid cells.
  // Rows that count as absent for this measure (a pivot's other columns).
  void restrict_to(std::vector<std::uint8_t> const& mine);

 private:
  std::vector<double>& numbers_of(std::span<std::uint32_t const> rows) const;
  std::size_t distinct(std::span<std::uint32_t const> rows) const;
  Table const& table_;
  FieldColumn cells_;
  std::vector<double> numbers_;       // By row.
  std::vector<std::uint8_t> status_;  // By row: 0 valid, 1 missing (null, undefined, empty text), 2 NaN.
  bool by_number_ = true;             // Cells compare as numbers.
  bool texts_ = false;                // All cells are texts, or missing.
  std::vector<AggregateRequest> requests_;
  bool needs_rows_ = false, sum_ = false, product_ = false, mean_ = false, deviation_ = false, extremes_ = false,
       exponential_ = false, exact_rate_ = false;
  double rate_ = 0;
  // What the last group's rows gave, for the next operation on them.
  struct Kept {
    std::uint32_t const* rows = nullptr;
    std::size_t size = 0;
    bool is_of(std::span<std::uint32_t const> group) const { return rows == group.data() && size == group.size(); }
  };
  mutable Kept interval_of_, sample_of_;
  mutable std::pair<double, double> interval_;
  mutable std::vector<double> sample_;  // In any order.
  mutable std::vector<std::uint64_t> seen_;
};

// The measures that the parameters ops, fields, as and aggregate_params ask for; `counts` are names of bare counts.
struct MeasureSet {
  std::vector<std::unique_ptr<Measure>> measures;
  std::vector<std::string> counts;
};
MeasureSet read_measures(Parameters const& parameters, Table const& table);

}  // namespace cml::vega

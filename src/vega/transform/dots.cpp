// dotbin: places of dots that stack without overlapping (Wilkinson 1999). countpattern: how often words occur.
// crossfilter and resolvefilter: rows within ranges of several fields at once. By vega-statistics' dotbin.js and the
// transforms of those names.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>

#include "vega/expr/coerce.hpp"
#include "vega/expr/order.hpp"
#include "vega/expr/regexp.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/unicode.hpp"

namespace cml::vega {
namespace {

// --- dotbin ---------------------------------------------------------------------------------------------------------

// Neighbouring stacks, closer than `near`, change places where the second is the larger one.
void smooth_stacks(std::vector<double>& v, double near) {
  std::size_t const n = v.size();
  std::size_t a = 0, b = 1;
  while (b < n && v[a] == v[b]) ++b;
  while (b < n) {
    std::size_t c = b + 1;
    while (c < n && v[b] == v[c]) ++c;
    if (v[b] - v[b - 1] < near) {
      auto const half = (static_cast<long>(a + c) - 2 * static_cast<long>(b)) >> 1;
      auto d = static_cast<std::size_t>(static_cast<long>(b) + half);
      while (d < b) v[d++] = v[b];
      while (d > b) v[d--] = v[a];
    }
    a = b, b = c;
  }
}

// The middle of the stack of each of the ascending values.
std::vector<double> stacks_of(std::vector<double> const& values, double step, bool smooth) {
  std::vector<double> out(values.size());
  if (values.empty()) return out;
  std::size_t i = 0;
  double a = values[0], b = a, end = a + step;
  for (std::size_t j = 1; j < values.size(); ++j) {
    double const x = values[j];
    if (x >= end) {
      b = (a + b) / 2;
      for (; i < j; ++i) out[i] = b;
      end = x + step, a = x;
    }
    b = x;
  }
  b = (a + b) / 2;
  for (; i < values.size(); ++i) out[i] = b;
  if (smooth) smooth_stacks(out, step + step / 4);
  return out;
}

TableRef apply_dotbin(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const cells = p.required_field("field").of(*input, context.scope);
  auto const by = p.has("groupby") ? p.solid_fields("groupby") : std::vector<Field>{};
  auto const groups = group_rows(*input, by, context.scope, Nullish::Together);
  auto rows = rows_of(groups);
  bool const smooth = p.boolean("smooth", false);
  double step = p.number("step", 0);
  std::vector<double> numbers(input->size());
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    double const v = numbers[row] = cells.number(row);
    if (!cells.nullish(row) && !std::isnan(v)) low = std::min(low, v), high = std::max(high, v);
  }
  if (!(std::fabs(step) > 0)) step = numbers.empty() ? 0 : (high - low) / 30;
  std::vector<double> out(input->size());
  double start = std::numeric_limits<double>::infinity(), stop = -start;
  for (std::size_t g = 0; g < groups.count(); ++g) {
    sort_as_v8(rows.begin(g), rows.end(g), [&](std::uint32_t a, std::uint32_t b) {
      double const difference = numbers[a] - numbers[b];
      if (difference < 0 || difference > 0) return difference < 0 ? -1 : 1;
      return a < b ? -1 : a > b ? 1 : 0;
    });
    std::vector<double> sorted;
    for (auto const* row = rows.begin(g); row != rows.end(g); ++row) sorted.push_back(numbers[*row]);
    auto const stacks = stacks_of(sorted, step, smooth);
    for (std::size_t i = 0; i < stacks.size(); ++i) {
      out[rows.begin(g)[i]] = stacks[i];
      start = std::fmin(start, stacks[i]), stop = std::fmax(stop, stacks[i]);
    }
  }
  context.signal = Value::object({{"start", start}, {"stop", stop}, {"step", step}});
  return input->with_column(p.string("as", "bin"), Column::of_numbers(std::move(out)));
}

// --- countpattern ---------------------------------------------------------------------------------------------------

// The order in which JavaScript goes through an object's keys: whole numbers ascending, then the others as they came.
class KeyedCounts {
 public:
  void add(std::string_view text) {
    auto const [place, added] = index_.try_emplace(std::string(text), entries_.size());
    if (added) {
      budget::bytes(100 + text.size());
      entries_.push_back({place->first, 0});
    }
    ++entries_[place->second].second;
  }
  std::vector<std::pair<std::string, double>> in_order() const {
    std::vector<std::pair<double, std::size_t>> whole;
    std::vector<std::pair<std::string, double>> out;
    for (std::size_t i = 0; i < entries_.size(); ++i)
      if (auto const number = array_index(entries_[i].first)) whole.push_back({*number, i});
    std::sort(whole.begin(), whole.end());
    for (auto const& [number, i] : whole) out.push_back(entries_[i]);
    for (auto const& entry : entries_)
      if (!array_index(entry.first)) out.push_back(entry);
    return out;
  }

 private:
  static std::optional<double> array_index(std::string_view text) {
    if (text.empty() || text.size() > 10 || (text.size() > 1 && text[0] == '0')) return {};
    double number = 0;
    for (char const c : text) {
      if (c < '0' || c > '9') return {};
      number = number * 10 + (c - '0');
    }
    return number < 4294967295.0 ? std::optional(number) : std::nullopt;
  }
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<std::pair<std::string, double>> entries_;
};

TableRef apply_countpattern(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const cells = p.required_field("field").of(*input, context.scope);
  auto const letters = p.one_of("case", "mixed", {"upper", "lower", "mixed"});
  auto const pattern = p.string("pattern", "[\\w']+");
  auto const match = Regexp::get(pattern.empty() ? "[\\w']+" : pattern, "g");
  auto const stop = Regexp::get("^" + p.string("stopwords", "") + "$", "i");
  KeyedCounts counts;
  for (std::size_t row = 0; row < input->size(); ++row) {
    auto const cell = cells.value(row);
    if (cell.is_nullish()) continue;
    auto text = cell.to_string();
    if (letters == "upper") text = to_upper(text);
    if (letters == "lower") text = to_lower(text);
    budget::steps(20 * text.size());
    for (std::size_t at = 0; at <= text.size();) {
      auto const found = match->match(text, at);
      if (!found) break;
      auto const& whole = found->front();
      auto const token = std::string_view(text).substr(whole.begin, whole.end - whole.begin);
      if (!stop->match(token)) counts.add(token);
      at = whole.end > whole.begin ? whole.end : whole.end + 1;
    }
  }
  auto const as = p.names({"text", "count"});
  ColumnBuilder texts;
  std::vector<double> numbers;
  for (auto const& [text, count] : counts.in_order()) texts.push(Value(text)), numbers.push_back(count);
  std::size_t const size = numbers.size();
  return make_ref<Table>(size)
      ->with_column(as[0], texts.finish())
      ->with_column(as[1], Column::of_numbers(std::move(numbers)));
}

// --- crossfilter ----------------------------------------------------------------------------------------------------

constexpr char kIndex[] = "_index";  // What the reference adds to each row, too.
constexpr std::size_t kMostDimensions = 31;

TableRef apply_crossfilter(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const fields = p.solid_fields("fields");
  auto const query = p.list("query");
  if (!query) fail(context.path, "missing required parameter \"query\"");
  if (query->size() > fields.size() || query->size() > kMostDimensions)
    fail(p.path("query"), "must have a range for each field, at most 31");
  std::vector<std::uint32_t> masks(input->size());
  std::uint32_t const all = static_cast<std::uint32_t>((std::uint64_t{1} << query->size()) - 1);
  for (std::size_t i = 0; i < query->size(); ++i) {
    auto const cells = fields[i].of(*input, context.scope);
    auto const& range = (*query)[i];
    if (!range.is_array() || range.size() != 2) fail(p.path("query"), "must be a list of [from, to]");
    double const low = range.items()[0].to_number(), high = range.items()[1].to_number();
    for (std::size_t row = 0; row < masks.size(); ++row) {
      double const v = cells.number(row);
      if (!(v >= low && v < high)) masks[row] |= 1u << i;
    }
  }
  Array kept;
  std::vector<double> index(masks.size());
  std::vector<std::uint32_t> passing;
  budget::bytes(16 * masks.size());
  for (std::size_t row = 0; row < masks.size(); ++row) {
    kept.push_back(static_cast<double>(masks[row]));
    index[row] = static_cast<double>(row);
    if (masks[row] != all || all == 0) passing.push_back(static_cast<std::uint32_t>(row));
  }
  context.signal = Value::object({{"mask", static_cast<double>(all)}, {"curr", Value(std::move(kept))}});
  return input->with_column(kIndex, Column::of_numbers(std::move(index)))->select(passing);
}

TableRef apply_resolvefilter(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const filter = p.value("filter");
  auto const& masks = filter["curr"].items();
  auto const* index = input->column(kIndex);
  if (!filter.is_object() || !index) fail(p.path("filter"), "must be the signal of a crossfilter above this transform");
  auto const ignored = static_cast<std::uint32_t>(to_int32(p.number("ignore", 0)));
  std::vector<std::uint32_t> rows;
  for (std::size_t row = 0; row < input->size(); ++row) {
    double const at = index->number_at(input->base_row(row));
    if (!(at >= 0) || at >= static_cast<double>(masks.size())) continue;
    auto const mask = static_cast<std::uint32_t>(to_int32(masks[static_cast<std::size_t>(at)].to_number()));
    if ((mask & ~ignored) == 0) rows.push_back(static_cast<std::uint32_t>(row));
  }
  return input->select(rows);
}

constexpr std::string_view kDotbinParameters[] = {"field", "groupby", "step", "smooth"};
constexpr std::string_view kCountParameters[] = {"field", "case", "pattern", "stopwords"};
constexpr std::string_view kCrossfilterParameters[] = {"fields", "query"};
constexpr std::string_view kResolveParameters[] = {"ignore", "filter"};

}  // namespace

TransformType const kDotBin{"dotbin", kDotbinParameters, apply_dotbin};
TransformType const kCountPattern{"countpattern", kCountParameters, apply_countpattern};
TransformType const kCrossFilter{"crossfilter", kCrossfilterParameters, apply_crossfilter};
TransformType const kResolveFilter{"resolvefilter", kResolveParameters, apply_resolvefilter};

}  // namespace cml::vega

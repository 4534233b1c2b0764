// window: ranks, offsets and running aggregates over sorted rows of a group.
#include <algorithm>
#include <array>
#include <cmath>

#include "vega/expr/coerce.hpp"
#include "vega/transform/aggregate_ops.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/groups.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

enum class WindowOp {
  RowNumber,
  Rank,
  DenseRank,
  PercentRank,
  CumeDist,
  Ntile,
  Lag,
  Lead,
  FirstValue,
  LastValue,
  NthValue,
  PrevValue,
  NextValue
};
struct WindowRow {
  std::string_view name;
  WindowOp op;
};
constexpr std::array<WindowRow, 13> kWindowOps{{{"row_number", WindowOp::RowNumber},
                                                {"rank", WindowOp::Rank},
                                                {"dense_rank", WindowOp::DenseRank},
                                                {"percent_rank", WindowOp::PercentRank},
                                                {"cume_dist", WindowOp::CumeDist},
                                                {"ntile", WindowOp::Ntile},
                                                {"lag", WindowOp::Lag},
                                                {"lead", WindowOp::Lead},
                                                {"first_value", WindowOp::FirstValue},
                                                {"last_value", WindowOp::LastValue},
                                                {"nth_value", WindowOp::NthValue},
                                                {"prev_value", WindowOp::PrevValue},
                                                {"next_value", WindowOp::NextValue}}};

struct Request {
  WindowOp op;
  FieldColumn cells;
  double parameter = 0;
  std::string name;
  std::vector<Value> values;    // By row, for ops that yield cells.
  std::vector<double> numbers;  // By row, for ranks.
  bool numeric() const { return op <= WindowOp::Ntile; }
};
struct Running {
  std::unique_ptr<Measure> measure;
  std::vector<std::vector<Value>> values;  // By request, by row.
};

// One group's rows in order, and whether neighbours tie.
struct Partition {
  std::uint32_t const* rows;
  std::ptrdiff_t size;
  RowOrder const& order;
  bool sorted;
  // Without a sort no two rows tie.
  bool differ(std::ptrdiff_t a, std::ptrdiff_t b) const { return !sorted || order.compare(rows[a], rows[b]) != 0; }
};

void ranks(Request& r, Partition const& part) {
  double rank = 1, dense = 1;
  std::ptrdiff_t cume = 0;
  for (std::ptrdiff_t i = 0; i < part.size; ++i) {
    if (i && part.differ(i - 1, i)) {
      rank = static_cast<double>(i + 1);
      ++dense;
    }
    if (cume < i) {
      cume = i;
      while (cume + 1 < part.size && !part.differ(cume, cume + 1)) ++cume;
    } else if (i == 0) {
      // The reference looks ahead only from the second row on: the first row's peers do not count for it.
      cume = 0;
    }
    double const share = static_cast<double>(1 + cume) / static_cast<double>(part.size);
    double& out = r.numbers[part.rows[i]];
    switch (r.op) {
      case WindowOp::RowNumber:
        out = static_cast<double>(i + 1);
        break;
      case WindowOp::Rank:
        out = rank;
        break;
      case WindowOp::DenseRank:
        out = dense;
        break;
      case WindowOp::PercentRank:
        out = (rank - 1) / static_cast<double>(part.size - 1);
        break;
      case WindowOp::CumeDist:
        out = share;
        break;
      default:
        out = std::ceil(r.parameter * share);
        break;
    }
    if (std::isnan(out)) out = std::numeric_limits<double>::quiet_NaN();
  }
}

void offsets(Request& r, Partition const& part, std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> const& frames) {
  auto const at = [&](std::ptrdiff_t i) { return r.cells.value(part.rows[i]); };
  Value previous = nullptr;
  std::ptrdiff_t next = -1;
  for (std::ptrdiff_t i = 0; i < part.size; ++i) {
    Value& out = r.values[part.rows[i]];
    auto const [first, last] = frames[static_cast<std::size_t>(i)];
    switch (r.op) {
      case WindowOp::Lag: {
        double const from = static_cast<double>(i) - r.parameter;
        out =
            from >= 0 && from < static_cast<double>(part.size) ? at(static_cast<std::ptrdiff_t>(from)) : Value(nullptr);
        break;
      }
      case WindowOp::Lead: {
        double const from = static_cast<double>(i) + r.parameter;
        out =
            from >= 0 && from < static_cast<double>(part.size) ? at(static_cast<std::ptrdiff_t>(from)) : Value(nullptr);
        break;
      }
      case WindowOp::FirstValue:
        out = first < last ? at(first) : Value();
        break;
      case WindowOp::LastValue:
        out = first < last ? at(last - 1) : Value();
        break;
      case WindowOp::NthValue: {
        double const from = static_cast<double>(first) + r.parameter - 1;
        out = from < static_cast<double>(last) ? at(static_cast<std::ptrdiff_t>(from)) : Value(nullptr);
        break;
      }
      case WindowOp::PrevValue: {
        auto const value = at(i);
        if (!value.is_nullish()) previous = value;
        out = previous;
        break;
      }
      default:
        if (next < i) {
          next = i;
          while (next < part.size && at(next).is_nullish()) ++next;
        }
        out = next < part.size ? at(next) : Value(nullptr);
        break;
    }
  }
}

// The least or greatest valid cell of a frame that only moves forward. A cell can be the frame's extreme only while no
// later one beats it: those that can stand in a queue, the extreme at its front, and each enters and leaves once.
class MovingExtreme {
 public:
  MovingExtreme(Measure const& measure, bool greatest) : measure_(measure), greatest_(greatest) {}
  void move(Partition const& part, std::ptrdiff_t first, std::ptrdiff_t last) {
    for (auto at = std::max(seen_, first); at < last; ++at) {
      auto const row = part.rows[at];
      if (!measure_.valid(row)) continue;
      while (queue_.size() > front_ && beats(row, part.rows[queue_.back()])) queue_.pop_back();
      queue_.push_back(at);
    }
    seen_ = std::max(seen_, last);
    while (front_ < queue_.size() && queue_[front_] < first) ++front_;
    row_ = front_ < queue_.size() ? part.rows[queue_[front_]] : AggregateState().min_row;
  }
  std::uint32_t row() const { return row_; }

 private:
  bool beats(std::uint32_t a, std::uint32_t b) const { return greatest_ ? measure_.less(b, a) : measure_.less(a, b); }
  Measure const& measure_;
  bool greatest_;
  std::vector<std::ptrdiff_t> queue_;
  std::size_t front_ = 0;
  std::ptrdiff_t seen_ = 0;
  std::uint32_t row_ = AggregateState().min_row;
};

void running(Running& run, Partition const& part, std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> const& frames,
             Scope& scope) {
  auto const& measure = *run.measure;
  AggregateState state;
  MovingExtreme least(measure, false), greatest(measure, true);
  bool const queues = measure.needs_extremes() && measure.ordered();
  std::ptrdiff_t from = 0, to = 0;
  bool shrunk = false;
  for (std::ptrdiff_t i = 0; i < part.size; ++i) {
    auto const [first, last] = frames[static_cast<std::size_t>(i)];
    // Differs from Vega: a row that never entered the frame (it starts after the current row) does not leave it either;
    // there its removal spoils means and variances for good.
    for (auto k = from; k < std::min(first, to); ++k) run.measure->remove(state, part.rows[k]);
    for (auto k = std::max(to, first); k < last; ++k) run.measure->add(state, part.rows[k]);
    shrunk = shrunk || first > from;
    std::span<std::uint32_t const> const rows(part.rows + std::min(first, last),
                                              static_cast<std::size_t>(std::max<std::ptrdiff_t>(0, last - first)));
    auto view = state;
    auto const moved = std::max<std::ptrdiff_t>(0, first - from) + std::max<std::ptrdiff_t>(0, last - to);
    bool const scans = shrunk && measure.needs_extremes() && !queues;
    budget::steps(20 + 10 * static_cast<double>(moved) + (scans ? 6 * static_cast<double>(rows.size()) : 0));
    if (queues) least.move(part, first, last), greatest.move(part, first, last);
    if (shrunk && measure.needs_extremes()) {  // What left the frame may have been the extreme.
      view.min_row = queues ? least.row() : measure.extreme(rows, false);
      view.max_row = queues ? greatest.row() : measure.extreme(rows, true);
    }
    auto const& requests = measure.requests();
    for (std::size_t r = 0; r < requests.size(); ++r)
      run.values[r][part.rows[i]] = measure.result(requests[r], view, rows, rows.size(), scope);
    from = first, to = last;
  }
}

TableRef apply_window(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const ops = p.list("ops").value_or(Array());
  auto const fields = p.fields("fields");
  auto const names = p.list("as").value_or(Array()), parameters = p.list("params").value_or(Array()),
             rates = p.list("aggregate_params").value_or(Array());
  auto const keys = p.sort("sort");
  RowOrder const order(*input, keys, context.scope);
  std::optional<double> before, after = 0;
  if (auto const frame = p.list("frame")) {
    if (frame->size() < 2) fail(p.path("frame"), "two numbers or nulls were expected");
    auto const end = [&](std::size_t i) -> std::optional<double> {
      if ((*frame)[i].is_nullish()) return {};
      return std::trunc((*frame)[i].to_number());
    };
    before = end(0), after = end(1);
  }
  bool const peers = !keys.empty() && !p.boolean("ignorePeers", false);

  std::vector<Request> requests;
  std::vector<Running> aggregates;
  std::vector<std::string> counts, known, outputs;
  for (std::size_t i = 0; i < ops.size(); ++i) {
    auto const op = js_string(ops[i]);
    auto const* field = i < fields.size() && fields[i] ? &*fields[i] : nullptr;
    auto const as = i < names.size() && !names[i].is_nullish() ? js_string(names[i]) : std::string();
    auto const name = measure_name(op, field ? field->name() : "", as);
    auto const where = p.path("ops") + "[" + std::to_string(i) + "]";
    auto const window =
        std::find_if(kWindowOps.begin(), kWindowOps.end(), [&](WindowRow const& row) { return row.name == op; });
    if (window != kWindowOps.end()) {
      Request r{window->op, {}, i < parameters.size() ? parameters[i].to_number() : std::nan(""), name, {}, {}};
      if (r.op >= WindowOp::Lag) {
        if (!field) fail(where, "\"" + op + "\" needs a field");
        r.cells = field->of(*input, context.scope);
      }
      if ((r.op == WindowOp::Lag || r.op == WindowOp::Lead) && (std::isnan(r.parameter) || r.parameter == 0))
        r.parameter = 1;
      if ((r.op == WindowOp::Ntile || r.op == WindowOp::NthValue) && !(r.parameter > 0))
        fail(where, op + " needs a parameter greater than zero");
      (r.numeric() ? void(r.numbers.resize(input->size())) : void(r.values.resize(input->size())));
      requests.push_back(std::move(r));
      continue;
    }
    auto const aggregate = aggregate_op(op);
    if (!aggregate) fail(where, "unknown operation \"" + op.substr(0, 60) + "\"");
    if (*aggregate == AggregateOp::Count) {
      counts.push_back(name);
      continue;
    }
    if (!field) fail(where, "\"" + op + "\" needs a field");
    auto const at = static_cast<std::size_t>(std::find(known.begin(), known.end(), field->name()) - known.begin());
    if (at == known.size()) {
      known.push_back(field->name());
      aggregates.push_back({std::make_unique<Measure>(*input, field->of(*input, context.scope)), {}});
    }
    aggregates[at].measure->request(
        {*aggregate, i < rates.size() && rates[i].truthy() ? rates[i].to_number() : std::nan(""), name});
  }
  for (auto& a : aggregates) a.values.assign(a.measure->requests().size(), std::vector<Value>(input->size()));
  std::vector<double> sizes(counts.empty() ? 0 : input->size());

  auto const groups = group_rows(*input, p.solid_fields("groupby"), context.scope);
  auto rows = rows_of(groups);
  std::vector<std::pair<std::ptrdiff_t, std::ptrdiff_t>> frames;
  for (std::size_t group = 0; group < groups.count(); ++group) {
    order.sort(rows.begin(group), rows.end(group));
    Partition const part{rows.begin(group), static_cast<std::ptrdiff_t>(rows.size(group)), order, !keys.empty()};
    frames.clear();
    for (std::ptrdiff_t i = 0; i < part.size; ++i) {
      auto first = before ? whole<std::ptrdiff_t>(static_cast<double>(i) + *before, 0, part.size) : 0;
      auto last = after ? whole<std::ptrdiff_t>(static_cast<double>(i) + *after + 1, 0, part.size) : part.size;
      if (peers) {
        auto const from = first, to = last;
        if (first > 0 && first < part.size && !part.differ(first, first - 1))
          while (first > 0 && !part.differ(first, first - 1)) --first;
        if (last > 0 && last < part.size && !part.differ(last - 1, last))
          while (last < part.size && !part.differ(last - 1, last)) ++last;
        budget::steps(5 * static_cast<double>(from - first + last - to));
      }
      frames.emplace_back(first, last);
    }
    for (auto& r : requests) r.numeric() ? ranks(r, part) : offsets(r, part, frames);
    for (auto& a : aggregates) running(a, part, frames, context.scope);
    if (!counts.empty())
      for (std::ptrdiff_t i = 0; i < part.size; ++i) {
        auto const [first, last] = frames[static_cast<std::size_t>(i)];
        sizes[part.rows[i]] = static_cast<double>(last - first);
      }
  }
  auto out = input;
  for (auto const& name : counts) out = out->with_column(name, Column::of_numbers(sizes));
  for (auto& a : aggregates)
    for (std::size_t r = 0; r < a.values.size(); ++r)
      out = out->with_column(a.measure->requests()[r].name, Column::of_values(std::move(a.values[r])));
  for (auto& r : requests)
    out = out->with_column(
        r.name, r.numeric() ? Column::of_numbers(std::move(r.numbers)) : Column::of_values(std::move(r.values)));
  return out;
}

constexpr std::string_view kWindowParameters[] = {"sort",   "groupby", "ops",        "params", "aggregate_params",
                                                  "fields", "frame",   "ignorePeers"};

}  // namespace

TransformType const kWindow{"window", kWindowParameters, apply_window};

}  // namespace cml::vega

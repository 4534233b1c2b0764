#include "vega/expr/expression.hpp"

#include <cmath>

#include "vega/expr/program.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/numbers.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

std::string const kNames = "signals, data and scales";  // What expressions ask for.

}  // namespace

struct Expression::Program {
  std::string text, path;
  CompiledTree tree;

  // Of one evaluation: in the budget's steps, and on the stack.
  double work() const { return 5.0 * tree.nodes; }
  int levels() const { return static_cast<int>(tree.depth) + 8; }

  // Errors of functions know neither the expression nor its place in the spec: both are added here.
  template <class Run>
  auto guarded(Run run) const {
    try {
      return run();
    } catch (EngineError const& error) {
      auto message = error.error().message;
      if (message.find("expression \"") != std::string::npos) throw;
      // The budget names its place; this one is nearer.
      if (auto const at = message.find(kOverBudget);
          at != std::string::npos && at > 2 && path.starts_with(message.substr(0, at - 2)))
        message.erase(0, at);
      throw EngineError(error.error().kind, path, "expression \"" + text.substr(0, 200) + "\": " + message);
    }
  }
};

namespace {

// The columns and signals of one pass over a table.
struct Binding {
  std::vector<Column const*> columns;
  std::vector<Value> signals;
  std::vector<bool> known;
  Frame frame;

  Binding(CompiledTree const& tree, Scope& scope, Table const& table)
      : signals(tree.signals.size()), known(tree.signals.size(), false), frame{scope, {&table, 0, nullptr}} {
    for (auto const& field : tree.fields) columns.push_back(table.column(field));
    frame.columns = &columns;
    frame.signals = &signals;
    frame.signals_known = &known;
    thread_local std::uint64_t passes = 0;
    frame.binding = ++passes;
  }
  Binding(Binding const&) = delete;
};

}  // namespace

Expression::Expression(std::string_view text, std::string const& path) : program_(std::make_unique<Program>()) {
  auto const ast = parse_expression(text, path);
  program_->text = text;
  program_->path = path;
  program_->tree = compile(*ast, text, path);
}
Expression::~Expression() = default;
Expression::Expression(Expression&&) noexcept = default;
Expression& Expression::operator=(Expression&&) noexcept = default;

bool Expression::uses_datum() const { return program_->tree.uses_datum; }
bool Expression::uses_item() const { return program_->tree.uses_item; }

Value Expression::evaluate(Scope& scope, Datum datum, Value const* item) const {
  return program_->guarded([&] {
    budget::Level const level(program_->levels(), kNames);
    budget::steps(program_->work());
    Frame frame{scope, datum, item};
    return program_->tree.root->value(frame);
  });
}

ColumnRef Expression::evaluate_column(Scope& scope, Table const& table) const {
  auto const rows = table.size();
  if (!uses_datum()) return Column::repeat(rows ? evaluate(scope) : Value(), rows);
  return program_->guarded([&] {
    budget::Level const level(program_->levels(), kNames);
    budget::steps(program_->work() * static_cast<double>(rows));
    Binding binding(program_->tree, scope, table);
    auto& frame = binding.frame;
    auto const& root = *program_->tree.root;
    auto const shape = root.shape(frame);
    if (shape != Shape::Any) {
      std::vector<double> numbers(rows);
      for (std::size_t i = 0; i < rows; ++i) {
        frame.datum.base_row = table.base_row(i);
        double const n = shape == Shape::Number ? root.number(frame) : root.truth(frame) ? 1 : 0;
        numbers[i] = std::isnan(n) ? kNaN : n;
      }
      return Column::of_numbers(std::move(numbers),
                                shape == Shape::Number ? Column::Kind::Number : Column::Kind::Boolean);
    }
    ColumnBuilder builder;
    builder.reserve(rows);
    for (std::size_t i = 0; i < rows; ++i) {
      frame.datum.base_row = table.base_row(i);
      builder.push(root.value(frame));
    }
    return builder.finish();
  });
}

std::vector<std::uint32_t> Expression::true_rows(Scope& scope, Table const& table) const {
  return program_->guarded([&] {
    budget::Level const level(program_->levels(), kNames);
    budget::steps(program_->work() * static_cast<double>(table.size()));
    std::vector<std::uint32_t> rows;
    Binding binding(program_->tree, scope, table);
    auto const& root = *program_->tree.root;
    bool const constant = !uses_datum();
    bool truth = false;
    for (std::size_t i = 0; i < table.size(); ++i) {
      binding.frame.datum.base_row = table.base_row(i);
      if (!constant || i == 0) truth = root.truth(binding.frame);
      if (truth) rows.push_back(static_cast<std::uint32_t>(i));
    }
    return rows;
  });
}

}  // namespace cml::vega

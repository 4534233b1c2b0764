// The names visible inside one group: its signals, datasets, scales, projections and marks, then its parents'.
// Everything is evaluated when first asked for; asking again while that runs is a cycle and an error naming it.
#pragma once

#include <string>
#include <vector>

#include "vega/expr/scope.hpp"
#include "vega/runtime/by_name.hpp"
#include "vega/runtime/view.hpp"
#include "vega/scale/scale.hpp"
#include "vega/scene/scene.hpp"

namespace cml::vega {

class GroupScope final : public Scope {
 public:
  // `path` is the JSON path of `spec`; `group` and `item` are the scene item that this scope fills.
  GroupScope(View& view, GroupScope* parent, Value spec, std::string path, Mark* group, std::size_t item);

  Value signal(std::string_view name) override;
  TableRef data(std::string_view name) override;
  void replace_data(std::string_view name, TableRef table) override;
  Value scale(std::string_view name, Value const& input) override;
  Value invert(std::string_view name, Value const& output) override;
  Value domain(std::string_view name) override;
  Value range(std::string_view name) override;
  Value bandwidth(std::string_view name) override;
  Value gradient(std::string_view scale, Value const& p0, Value const& p1, double count) override;
  Value geo(std::string_view measure, std::string_view projection, Value const& feature) override;
  Projection const* projection(std::string_view name) override;
  double random() override { return view_.random(); }
  RunState& run_state() override { return view_.run_state; }
  double now() override { return view_.options.now; }
  NumberLocaleRef number_locale() override { return view_.number_locale; }
  TimeLocaleRef time_locale() override { return view_.time_locale; }
  void warn(std::string_view text) override { view_.diagnostics.warn(path_, std::string(text)); }

  ScalePtr find_scale(std::string_view name);  // Null when there is none.
  bool has_signal(std::string_view name) const;
  void define_signal(std::string_view name, Value value);  // Replaces what the specification says.
  void define_data(std::string_view name, TableRef table);
  void define_mark(std::string_view name, Mark const* mark);  // Its items become a dataset (reactive geometry).
  // The last aggregate's input of a dataset is needed by nobody here; facets group for themselves.

  // `{signal: ...}` becomes its value; other values stay as they are.
  Value resolve(Value const& value, std::string const& path);
  Value evaluate(std::string_view expression, std::string const& path);

  View& view() { return view_; }
  GroupScope* parent() const { return parent_; }
  Value const& spec() const { return spec_; }
  std::string const& path() const { return path_; }
  Mark* group() const { return group_; }
  std::size_t group_item() const { return item_; }

 private:
  enum class State { Waiting, Running, Done };
  struct Signal {
    Value spec;
    std::string path;
    int dataset = -1, stage = -1;  // Of the transform that yields it, when one does.
    State state = State::Waiting;
    Value value;
  };
  struct Dataset {
    Value spec;
    std::string path;
    std::size_t stage = 0;  // Transforms done so far; the table is the result of those.
    bool started = false;
    State state = State::Waiting;
    TableRef table;
  };
  struct ScaleEntry {
    Value spec;
    std::string path;
    State state = State::Waiting;
    ScalePtr scale;
  };

  struct ProjectionEntry {
    Value spec;
    std::string path;
    State state = State::Waiting;
    std::shared_ptr<Projection const> projection;
  };

  Value evaluate_signal(std::string_view name, Signal& signal);
  TableRef run_dataset(std::string_view name, Dataset& dataset, std::size_t until);
  TableRef load_source(std::string_view name, Dataset& dataset);
  TableRef load_file(std::string const& url, Value const& format, std::string const& path);
  ScalePtr build_scale(std::string_view name, ScaleEntry& entry);

  View& view_;
  GroupScope* parent_;
  Value spec_;
  std::string path_;
  Mark* group_;
  std::size_t item_;
  ByName<Signal> signals_;
  ByName<Dataset> datasets_;
  std::vector<std::string> dataset_names_;
  ByName<ScaleEntry> scales_;
  ByName<ProjectionEntry> projections_;
  ByName<Mark const*> marks_;
};

// Properties of a scale with data and signals resolved (scale_spec.cpp).
ScaleConfig resolve_scale(Value const& spec, std::string const& path, GroupScope& scope);
// The items of a mark as rows: one column a channel, and "datum".
TableRef mark_table(Mark const& mark);

}  // namespace cml::vega

// Selections: parsed for each unit, assembled as the signals, stores and marks that Vega's interaction needs,
// and used in conditions, filters and scale domains (where a static picture sees their initial value).
#pragma once

#include "vega/lite/data/node.hpp"

namespace cml::vega::lite {

void parse_unit_selections(Model& model);
void materialize_selections(Model& model, OutputNode* main);

// The test of a selection predicate {param, empty}; `node` is the filter it stands in, if any.
std::string selection_predicate(Model& model, Value const& predicate, DataNode* node = nullptr);
// A condition or filter: expressions, selections and field predicates composed with and, or, not.
std::string condition_expression(Model& model, Value const& op, DataNode* node = nullptr);
FilterNode* make_filter(Model& model, DataNode* parent, Value const& filter);
std::string selection_extent(Model& model, std::string const& name, Value const& extent);
Value selection_scale_domain(Model& model, Value const& extent, ScaleComponent const& scale, Value const& domain);
void parse_interactive_legend(Model& model, std::string_view channel, LegendComponent& legend);

Array assemble_unit_selection_signals(Model& model);
Array assemble_facet_signals(Model& model);
Array assemble_top_level_signals(Model& model, Array signals);
Array assemble_unit_selection_data(Model& model, Array data);
Array assemble_unit_selection_marks(Model& model, Array marks);

// --- What each kind of behaviour adds; one row per file. ---
struct SelectionCompiler {
  bool (*defined)(SelectionComponent const&) = nullptr;
  void (*parse)(Model&, SelectionComponent&, Value& def) = nullptr;
  Array (*signals)(Model&, SelectionComponent&, Array) = nullptr;
  Array (*top_level_signals)(Model&, SelectionComponent&, Array) = nullptr;
  std::string (*modify)(Model&, SelectionComponent&, std::string) = nullptr;
  Array (*marks)(Model&, SelectionComponent&, Array) = nullptr;
};
extern SelectionCompiler const kPointSelection, kIntervalSelection, kProjectSelection, kToggleSelection, kInputBinding,
    kScaleBinding, kLegendBinding, kClearSelection, kTranslateSelection, kZoomSelection, kNearestSelection;

inline bool is_type(SelectionComponent const& s, std::string_view type) { return is(s.type, type); }
inline bool is_global(SelectionComponent const& s) { return is(s.resolve, "global"); }
bool is_timer_selection(SelectionComponent const& s);
bool is_legend_binding(Value const& bind);
std::string unit_name(Model const& model, bool escape = true);
Value* find_signal(Array& signals, std::string_view name);
std::string init_expression(Context& ctx, Value const& init, std::function<std::string(std::string)> const& wrap = {});
Value init_value(Context& ctx, Value const& init);
void disable_direct_manipulation(SelectionComponent& s, Value const& select);
bool is_top_level_layer(Model const& model);
// Pans and zooms of scales: the suffix of the function (Linear, Log, ...) and its extra argument.
struct ScaleMotion {
  std::string function, argument;
};
ScaleMotion scale_motion(Model& model, std::string_view channel, bool bound, std::string_view verb);

inline constexpr std::string_view kStore = "_store", kTuple = "_tuple", kModify = "_modify",
                                  kTupleFields = "_tuple_fields", kBrush = "_brush", kToggle = "_toggle";
inline std::string operator_name(SelectionComponent const& s, std::string_view suffix) {
  return s.name + std::string(suffix);
}

}  // namespace cml::vega::lite

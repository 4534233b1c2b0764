// From `data`, `transform` and the encoding to Vega's data sets.
#pragma once

#include "vega/lite/data/node.hpp"

namespace cml::vega::lite {

void parse_data(Model& model);
void optimize_data(Model& root);
Array assemble_root_data(Context& ctx, Value const& datasets);
Array assemble_facet_data(Context& ctx, FacetNode& root);

// Steps from the encoding or one transform; each gives the new end of the flow (the parent when there is
// nothing to do).
DataNode* bin_from_encoding(Model& model, DataNode* parent);
DataNode* bin_from_transform(Model& model, DataNode* parent, Value const& transform);
DataNode* time_unit_from_encoding(Model& model, DataNode* parent);
DataNode* time_unit_from_transform(Model& model, DataNode* parent, Value const& transform);
DataNode* aggregate_from_encoding(Model& model, DataNode* parent);
DataNode* aggregate_from_transform(Model& model, DataNode* parent, Value const& transform);
DataNode* stack_from_encoding(Model& model, DataNode* parent);
DataNode* stack_from_transform(Model& model, DataNode* parent, Value const& transform);
DataNode* impute_from_encoding(Model& model, DataNode* parent);
DataNode* lookup_from_transform(Model& model, DataNode* parent, Value const& transform, int counter);
DataNode* sort_indices_from_encoding(Model& model, DataNode* parent);
SourceNode* find_source(Context& ctx, Value const& data);

// Kinds of fields, as far as the encoding, filters and selections tell.
Value implicit_parse_from_encoding(Model& model);
Value implicit_parse_from_filter(Value const& filter);
Value implicit_parse_from_selection(Model& model);
DataNode* parse_with_ancestors(Model& model, DataNode* parent, Value explicit_parse, Value implicit_parse,
                               AncestorParse& ancestors);

bool requires_selection_id(Model const& model);

}  // namespace cml::vega::lite

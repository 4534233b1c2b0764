// A view of the normalized specification with everything that is worked out for it, part by part.
#pragma once

#include <map>
#include <optional>

#include "vega/lite/channel_def.hpp"
#include "vega/lite/encoding.hpp"
#include "vega/lite/split.hpp"

namespace cml::vega::lite {

class DataNode;
class OutputNode;
class FacetNode;
struct Model;

struct ScaleComponent : Split {
  bool merged = false;  // Taken over by the parent view.
  enum class HasZero { Definitely, DefinitelyNot, Maybe };
  HasZero domain_has_zero() const;
};
struct AxisComponent : Split {
  bool main_extracted = false;  // Its main part went to a facet's header.
  bool has_part(std::string_view part) const;
};
struct LegendComponent : Split {};
struct ProjectionComponent : Split {
  Value specified;
  std::vector<Value> size;
  std::optional<std::vector<Value>> data;  // Names of data sources or {signal}; none when not fitted.
  bool merged = false;
  bool is_fit() const { return data.has_value(); }
};

struct HeaderComponent {
  Value labels, size_signal;
  Array axes;
};
struct LayoutHeader {
  Value title, facet_field_def;
  std::optional<std::vector<HeaderComponent>> header, footer;
  std::optional<std::vector<HeaderComponent>>& of(std::string_view type) { return type == "header" ? header : footer; }
  std::optional<std::vector<HeaderComponent>> const& of(std::string_view type) const {
    return type == "header" ? header : footer;
  }
};
using LayoutHeaders = std::map<std::string, LayoutHeader, std::less<>>;

struct ProjectedField {
  std::string field, channel, geo_channel;
  std::string type;  // E, R, R-RE
  std::size_t index = 0;
  std::string data_signal, visual_signal;
  bool has_legend = false;
  Value assemble() const;
};
struct SelectionComponent {
  std::string name;
  Value type, resolve, toggle, clear, translate, zoom, mark, nearest, on, bind;
  Value events;  // Undefined when nothing is listened to.
  Value init;    // A list of tuples in the order of `items`; undefined when not given.
  std::vector<std::shared_ptr<ProjectedField>> items;
  std::map<std::string, std::shared_ptr<ProjectedField>> has_channel, has_field;
  std::vector<std::string> channel_order;  // Order of has_channel's keys.
  bool has_selection_id = false;
  Value time_units;                                     // Object of time unit components; undefined when none.
  std::vector<std::shared_ptr<ProjectedField>> scales;  // Bound to scales.
  OutputNode* materialized = nullptr;
  ProjectedField const* channel(std::string_view c) const {
    auto const it = has_channel.find(std::string(c));
    return it == has_channel.end() ? nullptr : it->second.get();
  }
};

struct AncestorParse : Split {
  bool parse_nothing = false;
};
struct DataComponent {
  bool faceted = false;
  OutputNode *raw = nullptr, *main = nullptr;
  FacetNode* facet_root = nullptr;
  AncestorParse ancestor_parse;
};

// Where a data set stands in the flow of one view.
enum class DataSource { Raw, Main, Row, Column, Lookup, PreFilterInvalid, PostFilterInvalid };

struct Component {
  DataComponent data;
  Split layout_size;
  LayoutHeaders layout_headers{{"row", {}}, {"column", {}}, {"facet", {}}};
  Array mark;
  Value scale_resolve{Object()}, axis_resolve{Object()}, legend_resolve{Object()};
  OrderedMap<std::shared_ptr<SelectionComponent>> selection;
  OrderedMap<std::shared_ptr<ScaleComponent>> scales;
  std::shared_ptr<ProjectionComponent> projection;
  OrderedMap<std::vector<std::shared_ptr<AxisComponent>>> axes;
  OrderedMap<std::shared_ptr<LegendComponent>> legends;
};

enum class ModelKind { Unit, Layer, Facet, Concat };

struct Model {
  Context& ctx;
  ModelKind kind;
  Model* parent;
  Value const& config;
  std::string path, name;
  Value title, data, description, view, layout, transforms;
  std::vector<std::unique_ptr<Model>> children;
  Component component;

  // Units.
  Value mark_def, encoding{Object()};
  std::shared_ptr<Value> size;  // {width, height} as given here or by the layers above.
  Value specified_scales{Object()}, specified_axes{Object()}, specified_legends{Object()}, specified_projection;
  Array selection_params;
  std::unique_ptr<Stack> stack;
  // Facets.
  Value facet{Object()};
  // Where time runs as an animation.
  bool has_time() const { return encoding.has("time"); }

  Model(Context& context, ModelKind k, Value const& spec, Model* parent_model, std::string const& given_name,
        Value const& cfg);

  bool is_unit() const { return kind == ModelKind::Unit; }
  bool is_layer() const { return kind == ModelKind::Layer; }
  bool is_facet() const { return kind == ModelKind::Facet; }
  bool is_concat() const { return kind == ModelKind::Concat; }
  Model& child() const { return *children.front(); }
  std::string_view mark() const { return mark_def["type"].string(); }
  bool has_projection() const;
  Value const& mapping() const { return is_facet() ? facet : encoding; }
  Value const& field_def(std::string_view channel) const {
    return is_facet() ? facet[channel] : get_field_def(encoding[channel]);
  }
  Value const& typed_field_def(std::string_view channel) const;
  std::string vg_field_of(std::string_view channel, FieldOptions const& options = {}) const;
  Value scale_domain(std::string_view channel) const { return specified_scales[channel]["domain"]; }
  Value const& axis(std::string_view channel) const { return specified_axes[channel]; }
  Value const& legend(std::string_view channel) const { return specified_legends[channel]; }

  // Names.
  std::string get_name(std::string_view text) const;
  std::string data_name(DataSource type) const;
  std::string request_data_name(DataSource type) const;
  std::string lookup_data_source(std::string const& name) const;
  Value size_signal_ref(std::string_view size_type);  // {signal}
  std::string size_signal(std::string_view size_type) { return size_signal_ref(size_type)["signal"].to_string(); }
  // Empty when the view has no such scale.
  std::string scale_name(std::string_view channel) const;
  std::string projection_name() const;
  ScaleComponent* scale_component(std::string_view channel) const;
  Value scale_type(std::string_view channel) const;
  SelectionComponent* selection_component(std::string const& variable) const;  // Null when unknown.

  void parse();
  void parse_data();
  void parse_layout_size();
  void parse_selections();
  void parse_axes_and_headers();
  void parse_mark_group();

  Array assemble_selection_top_level_signals(Array signals);
  Array assemble_signals();
  Array assemble_layout_signals();
  Array assemble_selection_data(Array data);
  Value assemble_group_style() const;
  Value assemble_group_encode_entry(bool top_level);
  Value assemble_title() const;
  Value assemble_layout();
  Array assemble_marks();
  Array assemble_legends();
  Value assemble_group(Array signals);
};

std::unique_ptr<Model> build_model(Context& ctx, Value const& spec, Model* parent, std::string const& given_name,
                                   std::shared_ptr<Value> const& given_size, Value const& config);

// Facets (model/facet.cpp).
void init_facet_model(Model& model, Value const& spec);
Value facet_layout(Model& model);
Array assemble_facet_marks(Model& model);
std::string facet_sort_field_name(Value const& def, Value const& sort, FieldOptions options = {});
// Units (model/unit.cpp).
void init_unit_model(Model& model, Value const& spec, std::shared_ptr<Value> const& given_size);

}  // namespace cml::vega::lite

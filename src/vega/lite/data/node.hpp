// The data flow as a tree: sources at the roots, a node for each step, output nodes where scales and marks
// take data. The optimizer moves and merges nodes; what remains is written out as Vega data sets.
#pragma once

#include <optional>

#include "vega/lite/model/model.hpp"

namespace cml::vega::lite {

enum class NodeKind {
  Source,
  Output,
  Facet,
  Parse,
  Identifier,
  Filter,
  FilterInvalid,
  Bin,
  TimeUnit,
  Aggregate,
  Stack,
  Graticule,
  Sequence,
  GeoJson,
  GeoPoint,
  Transform,
};

class DataNode {
 public:
  explicit DataNode(NodeKind k) : kind(k) {}
  virtual ~DataNode() = default;
  DataNode(DataNode const&) = delete;
  DataNode& operator=(DataNode const&) = delete;

  NodeKind const kind;
  DataNode* parent = nullptr;
  std::vector<DataNode*> children;

  virtual std::unique_ptr<DataNode> clone() const { return nullptr; }  // Without links.
  virtual Strings dependent_fields() const { return {}; }
  virtual std::optional<Strings> produced_fields() const { return Strings{}; }  // Nothing: any field may appear.
  virtual std::string hash() const = 0;
  virtual Array assemble() const { return {}; }
  virtual bool takes_dimensions() const { return false; }
  virtual void add_dimensions(Strings const&) {}

  bool is_data_source() const {
    return kind == NodeKind::Source || kind == NodeKind::Graticule || kind == NodeKind::Sequence;
  }
  void set_parent(DataNode* p);
  void add_child(DataNode* child, std::optional<std::size_t> at = std::nullopt);
  std::size_t remove_child(DataNode* child);
  void remove();  // Its children move up.
  void insert_as_parent_of(DataNode* other);
  void swap_with_parent();
};

class SourceNode : public DataNode {
 public:
  SourceNode(Value const& data);
  std::string hash() const override { return "Source"; }
  Value content{Object()};  // values, url, format
  Value name;
  bool generator = false;
};

class OutputNode : public DataNode {
 public:
  OutputNode(Context& ctx, std::string source_name, DataSource t);
  std::unique_ptr<DataNode> clone() const override;
  std::string hash() const override { return "Output " + std::to_string(id_); }
  std::string get_source();
  void set_source(std::string s) { source = std::move(s); }
  bool is_required() const;
  Context& ctx;
  std::string source, name;
  DataSource type;

 private:
  int id_;
};

class ParseNode : public DataNode {
 public:
  ParseNode(Context& c, Value p) : DataNode(NodeKind::Parse), ctx(c), parse(std::move(p)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<ParseNode>(ctx, parse); }
  std::string hash() const override { return "Parse " + stringify(parse); }
  std::optional<Strings> produced_fields() const override { return dependent_fields(); }
  Strings dependent_fields() const override;
  Value assemble_format_parse() const;
  Array assemble_transforms(bool only_nested) const;
  Context& ctx;
  Value parse;
};

class IdentifierNode : public DataNode {
 public:
  IdentifierNode() : DataNode(NodeKind::Identifier) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<IdentifierNode>(); }
  std::string hash() const override { return "Identifier"; }
  std::optional<Strings> produced_fields() const override { return Strings{std::string(kSelectionId)}; }
  Array assemble() const override { return {Value::object({{"type", "identifier"}, {"as", Value(kSelectionId)}})}; }
};

class FilterNode : public DataNode {
 public:
  explicit FilterNode(std::string e) : DataNode(NodeKind::Filter), expression(std::move(e)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<FilterNode>(expression); }
  std::string hash() const override { return "Filter " + expression; }
  Strings dependent_fields() const override;
  Array assemble() const override { return {Value::object({{"type", "filter"}, {"expr", Value(expression)}})}; }
  std::string expression;
};

class FilterInvalidNode : public DataNode {
 public:
  explicit FilterInvalidNode(OrderedMap<Value> f) : DataNode(NodeKind::FilterInvalid), fields(std::move(f)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<FilterInvalidNode>(fields); }
  std::string hash() const override;
  Strings dependent_fields() const override { return fields.keys(); }
  Array assemble() const override;
  OrderedMap<Value> fields;  // By name: the definition that needs valid values.
};

struct BinComponent {
  Value bin;
  std::string field, signal, extent_signal, span, formula, formula_as;
  std::vector<Strings> as;  // Pairs of start and end.
};
class BinNode : public DataNode {
 public:
  explicit BinNode(OrderedMap<BinComponent> b) : DataNode(NodeKind::Bin), bins(std::move(b)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<BinNode>(bins); }
  std::string hash() const override;
  std::optional<Strings> produced_fields() const override;
  Strings dependent_fields() const override;
  Array assemble() const override;
  void merge(BinNode& other, NameMap& signal_names);
  OrderedMap<BinComponent> bins;
};

class TimeUnitNode : public DataNode {
 public:
  explicit TimeUnitNode(OrderedMap<Value> u) : DataNode(NodeKind::TimeUnit), units(std::move(u)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<TimeUnitNode>(units); }
  std::string hash() const override;
  std::optional<Strings> produced_fields() const override;
  Strings dependent_fields() const override;
  Array assemble() const override;
  void merge(TimeUnitNode& other);
  void remove_formulas(Strings const& fields);
  OrderedMap<Value> units;  // {timeUnit, field, as?, rectBandPosition?} by content.
};

class AggregateNode : public DataNode {
 public:
  using Measures = OrderedMap<OrderedMap<Strings>>;  // Field, operation, output names.
  AggregateNode(Strings d, Measures m)
      : DataNode(NodeKind::Aggregate), dimensions(std::move(d)), measures(std::move(m)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<AggregateNode>(dimensions, measures); }
  std::string hash() const override;
  Strings dependent_fields() const override;
  std::optional<Strings> produced_fields() const override;
  Array assemble() const override;
  bool takes_dimensions() const override { return true; }
  void add_dimensions(Strings const& fields) override {
    for (auto const& f : fields) add_unique(dimensions, f);
  }
  void merge(AggregateNode const& other);
  Strings dimensions;
  Measures measures;
};

struct StackComponent {
  Array dimension_defs;
  std::string field;
  Strings facet_by, stack_by, groupby;
  Value sort, offset;
  bool impute = false;
  Value as;
};
class StackNode : public DataNode {
 public:
  explicit StackNode(StackComponent s) : DataNode(NodeKind::Stack), stack(std::move(s)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<StackNode>(stack); }
  std::string hash() const override;
  Strings dependent_fields() const override;
  std::optional<Strings> produced_fields() const override;
  Array assemble() const override;
  bool takes_dimensions() const override { return true; }
  void add_dimensions(Strings const& fields) override {
    stack.facet_by.insert(stack.facet_by.end(), fields.begin(), fields.end());
  }
  Strings groupby_fields() const;
  StackComponent stack;
};

// sequence and graticule, which make their own data.
class GeneratorNode : public DataNode {
 public:
  GeneratorNode(NodeKind k, Value p) : DataNode(k), params(std::move(p)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<GeneratorNode>(kind, params); }
  std::string hash() const override { return "Generator " + stringify(params); }
  std::optional<Strings> produced_fields() const override;
  Array assemble() const override;
  Value params;
};

class GeoJsonNode : public DataNode {
 public:
  GeoJsonNode(Value f, Value g, std::string s)
      : DataNode(NodeKind::GeoJson), fields(std::move(f)), geojson(std::move(g)), signal(std::move(s)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<GeoJsonNode>(fields, geojson, signal); }
  std::string hash() const override { return "GeoJSON " + stringify(geojson) + signal + stringify(fields); }
  Strings dependent_fields() const override;
  Array assemble() const override;
  Value fields, geojson;
  std::string signal;
};
class GeoPointNode : public DataNode {
 public:
  GeoPointNode(std::string p, Value f, Strings a)
      : DataNode(NodeKind::GeoPoint), projection(std::move(p)), fields(std::move(f)), as(std::move(a)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<GeoPointNode>(projection, fields, as); }
  std::string hash() const override { return "Geopoint " + projection + stringify(fields) + join(as, ","); }
  Strings dependent_fields() const override;
  std::optional<Strings> produced_fields() const override { return as; }
  Array assemble() const override;
  std::string projection;
  Value fields;
  Strings as;
};

// One row for each transform that needs no more than its own properties (data/transforms.hpp lists them).
struct TransformType {
  std::string_view key;  // The property that tells the transform.
  Value (*prepare)(Value spec);
  Strings (*depends)(Value const& spec);
  std::optional<Strings> (*produces)(Value const& spec);
  Array (*assemble)(Value const& spec);
  std::string_view parsed_as = "derived";  // Kind of the fields it makes.
  bool groups = false;                     // Facets add their fields to its groupby.
};
class TransformNode : public DataNode {
 public:
  TransformNode(TransformType const& t, Value s) : DataNode(NodeKind::Transform), type(t), spec(std::move(s)) {}
  std::unique_ptr<DataNode> clone() const override { return std::make_unique<TransformNode>(type, spec); }
  std::string hash() const override { return std::string(type.key) + " " + stringify(spec); }
  Strings dependent_fields() const override { return type.depends(spec); }
  std::optional<Strings> produced_fields() const override { return type.produces(spec); }
  Array assemble() const override { return type.assemble(spec); }
  bool takes_dimensions() const override { return type.groups; }
  void add_dimensions(Strings const& fields) override;
  TransformType const& type;
  Value spec;
};

struct FacetChannelData {
  std::string name, sort_index_field;
  Strings fields;
  Value sort_field;
};
class FacetNode : public DataNode {
 public:
  FacetNode(Model& m, std::string n, std::string d);
  std::string hash() const override;
  Strings dependent_fields() const override;
  std::string get_source() const { return name; }
  Strings fields() const;
  Array assemble_data();  // Header data sets.
  Model& model;
  std::string name, data;
  std::map<std::string, FacetChannelData, std::less<>> channels;

 private:
  Value header_data(std::string_view channel, std::string const& crossed, Value const& step_fields);
  Value child_step_fields();
  Array facet_header_data(Value const& step_fields);
};

// Shared by all views.
struct DataFlow {
  std::vector<SourceNode*> sources;
  std::map<std::string, OutputNode*> outputs;
  std::map<std::string, int> references;
};

template <class T, class... Args>
T* make_node(Context& ctx, DataNode* parent, Args&&... args) {
  auto node = std::make_unique<T>(std::forward<Args>(args)...);
  auto* raw = node.get();
  ctx.nodes.push_back(std::move(node));
  if (parent) raw->set_parent(parent);
  return raw;
}

}  // namespace cml::vega::lite

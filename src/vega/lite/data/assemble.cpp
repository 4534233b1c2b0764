// Writes the optimized flow as data sets: a new one starts where the flow forks or somebody reads it.
#include "vega/lite/data/data.hpp"

namespace cml::vega::lite {
namespace {

struct Walker {
  Array out;
  int next_name = 0;

  static Value fresh(Value const& source) {
    return Value::object({{"name", nullptr}, {"source", source}, {"transform", Value(Array())}});
  }
  static void append(Value& data, Array const& transforms) {
    for (auto const& t : transforms) data.member("transform").push(t);
  }
  void give_name(Value& data) {
    if (!data["name"].truthy()) data.set("name", "data_" + std::to_string(next_name++));
  }
  static bool adds_nothing(Value const& data) { return data["source"].truthy() && data["transform"].size() == 0; }

  void walk(DataNode* node, Value data) {
    switch (node->kind) {
      case NodeKind::Source: {
        auto* source = static_cast<SourceNode*>(node);
        if (!source->generator && !has(source->content, "url")) {
          out.push_back(data);
          data = fresh(data["name"]);
        }
        break;
      }
      case NodeKind::Parse: {
        auto* parse = static_cast<ParseNode*>(node);
        if (node->parent->kind == NodeKind::Source && !data["source"].truthy()) {
          data.member("format").set("parse", parse->assemble_format_parse());
          append(data, parse->assemble_transforms(true));
        } else {
          append(data, parse->assemble_transforms(false));
        }
        break;
      }
      case NodeKind::Facet: {
        auto* facet = static_cast<FacetNode*>(node);
        give_name(data);
        if (adds_nothing(data)) {
          facet->data = data["source"].to_string();
        } else {
          out.push_back(data);
          facet->data = data["name"].to_string();
        }
        for (auto& d : facet->assemble_data()) out.push_back(std::move(d));
        return;
      }
      case NodeKind::Output: {
        auto* output = static_cast<OutputNode*>(node);
        if (adds_nothing(data)) {
          output->set_source(data["source"].to_string());
        } else if (node->parent->kind == NodeKind::Output) {
          output->set_source(data["name"].to_string());
        } else {
          give_name(data);
          output->set_source(data["name"].to_string());
          if (node->children.size() == 1) {
            out.push_back(data);
            data = fresh(data["name"]);
          }
        }
        break;
      }
      default:
        append(data, node->assemble());
    }
    if (node->children.empty()) {
      if (node->kind == NodeKind::Output && !adds_nothing(data)) out.push_back(data);
    } else if (node->children.size() == 1) {
      walk(node->children[0], std::move(data));
    } else {
      give_name(data);
      Value source = data["name"];
      if (adds_nothing(data))
        source = data["source"];
      else
        out.push_back(data);
      for (auto* child : node->children) walk(child, fresh(source));
    }
  }
};

}  // namespace

Array assemble_facet_data(Context&, FacetNode& root) {
  Walker walker;
  for (auto* child : root.children)
    walker.walk(child, Value::object({{"source", Value(root.name)}, {"name", nullptr}, {"transform", Value(Array())}}));
  return walker.out;
}

Array assemble_root_data(Context& ctx, Value const& datasets) {
  Walker walker;
  int next_source = 0;
  for (auto* root : ctx.data->sources) {
    if (!root->name.truthy()) root->name = "source_" + std::to_string(next_source++);
    Value data = Value::object({{"name", root->name}});
    assign(data, root->content);
    data.set("transform", Value(Array()));
    walker.walk(root, data);
  }
  auto& out = walker.out;
  for (auto& d : out)
    if (d["transform"].size() == 0) d.erase("transform");
  // Plain sources first: lookups further down may need them.
  std::size_t where = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (has(out[i], "transform") || out[i]["source"].truthy()) continue;
    Value moved = out[i];
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(i));
    out.insert(out.begin() + static_cast<std::ptrdiff_t>(where++), moved);
  }
  for (auto& d : out) {
    if (!has(d, "transform")) continue;
    for (auto& t : d.member("transform").mutable_items()) {
      if (!is(t["type"], "lookup")) continue;
      auto const found = ctx.data->outputs.find(t["from"].to_string());
      if (found != ctx.data->outputs.end()) t.set("from", found->second->get_source());
    }
  }
  for (auto& d : out)
    if (auto const name = d["name"].to_string(); datasets.has(name)) d.set("values", datasets[name]);
  return std::move(out);
}

}  // namespace cml::vega::lite

// Passes over the data flow: drop what nobody reads, move parsing up, merge steps that siblings share, and
// give shared scales of a facet the whole data. The order of the walks matters to the names of the data sets
// and follows Vega-Lite.
#include <algorithm>

#include "vega/lite/data/data.hpp"

namespace cml::vega::lite {
namespace {

bool intersects(Strings const& a, Strings const& b) {
  return std::any_of(a.begin(), a.end(), [&](auto const& x) { return contains(b, x); });
}
// All prefixes of nested paths: "a.b" also stands for "a".
Strings prefixes(Strings const& fields) {
  Strings out;
  for (auto const& field : fields) {
    std::string prefix;
    for (auto const& piece : split_access_path(field)) {
      prefix += prefix.empty() ? piece : "[" + piece + "]";
      add_unique(out, prefix);
    }
  }
  return out;
}
bool fields_meet(std::optional<Strings> const& produced, Strings const& needed) {
  return !produced || intersects(prefixes(*produced), prefixes(needed));
}

template <class T>
T* as(DataNode* node, NodeKind kind) {
  return node->kind == kind ? static_cast<T*>(node) : nullptr;
}
std::vector<DataNode*> children_of_kind(DataNode* node, NodeKind kind) {
  std::vector<DataNode*> out;
  for (auto* child : node->children)
    if (child->kind == kind) out.push_back(child);
  return out;
}

struct Optimizer {
  Context& ctx;
  bool needs_ids;
  bool modified = false;

  // Children may change under the walk; like the reference we go on at the next position.
  template <class F>
  void top_down(DataNode* node, F const& run) {
    run(node);
    for (std::size_t i = 0; i < node->children.size(); ++i) top_down(node->children[i], run);
  }
  template <class F>
  void bottom_up(DataNode* root, F const& run) {
    std::vector<std::pair<DataNode*, int>> order;
    collect(root, 0, order);
    std::stable_sort(order.begin(), order.end(), [](auto const& a, auto const& b) { return a.second > b.second; });
    for (auto const& [node, depth] : order) run(node);
  }
  void collect(DataNode* node, int depth, std::vector<std::pair<DataNode*, int>>& out) {
    out.emplace_back(node, depth);
    for (auto* child : node->children) collect(child, depth + 1, out);
  }

  void remove_outputs(DataNode* node) {
    auto* output = as<OutputNode>(node, NodeKind::Output);
    if (!output || output->is_required()) return;
    modified = true;
    node->remove();
  }
  void remove_identifiers(DataNode* node) {
    if (node->kind != NodeKind::Identifier) return;
    auto* const above = node->parent;
    if (needs_ids && (above->is_data_source() || above->kind == NodeKind::Aggregate || above->kind == NodeKind::Parse))
      return;
    modified = true;
    node->remove();
  }
  void remove_unused(DataNode* node) {
    if (node->kind == NodeKind::Output || node->kind == NodeKind::Facet || node->kind == NodeKind::Source ||
        !node->children.empty())
      return;
    modified = true;
    node->remove();
  }
  void move_parse_up(DataNode* node) {
    if (node->is_data_source() || node->children.size() > 1) return;
    for (std::size_t i = 0; i < node->children.size(); ++i) {
      auto* child = as<ParseNode>(node->children[i], NodeKind::Parse);
      if (!child) continue;
      if (auto* parse = as<ParseNode>(node, NodeKind::Parse)) {
        modified = true;
        assign(parse->parse, child->parse);
        child->remove();
      } else if (!fields_meet(node->produced_fields(), child->dependent_fields())) {
        modified = true;
        child->swap_with_parent();
      }
    }
  }
  void merge_bins(DataNode* node) {
    bool const move_up = !(node->is_data_source() || node->kind == NodeKind::Filter || node->kind == NodeKind::Parse ||
                           node->kind == NodeKind::Identifier);
    std::vector<BinNode*> promotable, remaining;
    for (auto* child : node->children) {
      auto* bin = as<BinNode>(child, NodeKind::Bin);
      if (!bin) continue;
      (move_up && !fields_meet(node->produced_fields(), bin->dependent_fields()) ? promotable : remaining)
          .push_back(bin);
    }
    if (!promotable.empty()) {
      auto* promoted = promotable.back();
      promotable.pop_back();
      for (auto* bin : promotable) promoted->merge(*bin, ctx.signal_names);
      modified = true;
      if (auto* above = as<BinNode>(node, NodeKind::Bin))
        above->merge(*promoted, ctx.signal_names);
      else
        promoted->swap_with_parent();
    }
    if (remaining.size() > 1) {
      auto* last = remaining.back();
      remaining.pop_back();
      for (auto* bin : remaining) last->merge(*bin, ctx.signal_names);
      modified = true;
    }
  }
  void remove_duplicate_units(DataNode* node, Strings fields) {
    if (auto* unit = as<TimeUnitNode>(node, NodeKind::TimeUnit)) {
      auto const produced = unit->produced_fields().value_or(Strings{});
      if (intersects(produced, fields)) {
        modified = true;
        unit->remove_formulas(fields);
        unit->remove();
      }
      for (auto const& f : produced) add_unique(fields, f);
    }
    for (std::size_t i = 0; i < node->children.size(); ++i) remove_duplicate_units(node->children[i], fields);
  }
  void merge_parse(DataNode* node) {
    auto const children = node->children;
    auto const parses = children_of_kind(node, NodeKind::Parse);
    if (children.size() <= 1 || parses.empty()) return;
    Value common{Object()};
    Strings conflicts;
    for (auto* child : parses)
      for (auto const& [field, how] : static_cast<ParseNode*>(child)->parse.properties()) {
        if (!common.has(field))
          common.set(field, how);
        else if (!(common[field] == how))
          add_unique(conflicts, std::string(field.view()));
      }
    for (auto const& field : conflicts) common.erase(field);
    if (is_empty(common)) return;
    modified = true;
    auto* merged = make_node<ParseNode>(ctx, node, ctx, common);
    for (auto* child : children) {
      auto* parse = as<ParseNode>(child, NodeKind::Parse);
      if (parse)
        for (auto const& [field, how] : common.properties()) parse->parse.erase(field);
      node->remove_child(child);
      child->set_parent(merged);
      if (parse && is_empty(parse->parse)) child->remove();
    }
  }
  void merge_aggregates(DataNode* node) {
    OrderedMap<std::vector<AggregateNode*>> groups;
    for (auto* child : children_of_kind(node, NodeKind::Aggregate)) {
      auto* aggregate = static_cast<AggregateNode*>(child);
      groups[join(aggregate->dimensions, "\x01")].push_back(aggregate);
    }
    for (auto& [key, list] : groups) {
      if (list.size() < 2) continue;
      auto* merged = list.back();
      list.pop_back();
      for (auto* other : list) {
        merged->merge(*other);
        node->remove_child(other);
        other->set_parent(merged);
        other->remove();
        modified = true;
      }
    }
  }
  void merge_time_units(DataNode* node) {
    auto units = children_of_kind(node, NodeKind::TimeUnit);
    if (units.size() < 2) return;
    auto* merged = static_cast<TimeUnitNode*>(units.back());
    units.pop_back();
    for (auto* unit : units) {
      modified = true;
      merged->merge(*static_cast<TimeUnitNode*>(unit));
    }
  }
  void merge_identical(DataNode* node) {
    if (node->children.size() < 2) return;
    std::vector<std::vector<DataNode*>> lists;
    std::map<std::string, std::size_t> where;
    for (auto* child : node->children) {
      auto const [it, fresh] = where.try_emplace(child->hash(), lists.size());
      if (fresh) lists.emplace_back();
      lists[it->second].push_back(child);
    }
    for (auto const& list : lists) {
      if (list.size() < 2) continue;
      modified = true;
      for (std::size_t i = 1; i < list.size(); ++i) {
        node->remove_child(list[i]);
        list[i]->set_parent(list[0]);
        list[i]->remove();
      }
    }
  }
  void merge_outputs(DataNode* node) {
    auto const children = node->children;
    if (children.size() <= 1 || children_of_kind(node, NodeKind::Output).empty()) return;
    std::vector<DataNode*> others;
    DataNode* main = nullptr;
    for (auto* child : children) {
      if (child->kind != NodeKind::Output) {
        others.push_back(child);
        continue;
      }
      auto* last = child;
      while (last->children.size() == 1 && last->children[0]->kind == NodeKind::Output) last = last->children[0];
      others.insert(others.end(), last->children.begin(), last->children.end());
      if (main) {
        node->remove_child(child);
        child->set_parent(main->parent);
        main->parent->remove_child(main);
        main->set_parent(last);
        modified = true;
      } else {
        main = last;
      }
    }
    if (others.empty()) return;
    modified = true;
    for (auto* child : others) {
      child->parent->remove_child(child);
      child->set_parent(main);
    }
  }

  bool pass(bool first) {
    modified = false;
    auto& roots = ctx.data->sources;
    auto const each_top = [&](void (Optimizer::*step)(DataNode*)) {
      for (auto* root : roots) top_down(root, [&](DataNode* n) { (this->*step)(n); });
    };
    auto const each_bottom = [&](void (Optimizer::*step)(DataNode*)) {
      for (auto* root : roots) bottom_up(root, [&](DataNode* n) { (this->*step)(n); });
    };
    auto const drop_empty_roots = [&] {
      roots.erase(std::remove_if(roots.begin(), roots.end(), [](auto* r) { return r->children.empty(); }), roots.end());
    };
    each_top(&Optimizer::remove_outputs);
    each_top(&Optimizer::remove_identifiers);
    drop_empty_roots();
    each_bottom(&Optimizer::remove_unused);
    drop_empty_roots();
    if (!first) {
      each_bottom(&Optimizer::move_parse_up);
      each_bottom(&Optimizer::merge_bins);
      for (auto* root : roots) remove_duplicate_units(root, {});
      each_bottom(&Optimizer::merge_parse);
      each_bottom(&Optimizer::merge_aggregates);
      each_bottom(&Optimizer::merge_time_units);
      each_top(&Optimizer::merge_identical);
      each_bottom(&Optimizer::merge_outputs);
    }
    return modified;
  }

  // --- Facets: what is computed inside is also computed on the whole data, for scales that all cells share.
  // ---

  std::vector<DataNode*> clone_below(DataNode* node, FacetNode& facet) {
    std::vector<DataNode*> copies;
    if (node->kind == NodeKind::Facet) {
      for (auto* child : node->children)
        for (auto* copy : clone_below(child, facet)) copies.push_back(copy);
      return copies;
    }
    ctx.nodes.push_back(node->clone());
    auto* copy = ctx.nodes.back().get();
    if (auto* output = as<OutputNode>(copy, NodeKind::Output)) {
      auto const name = "scale_" + output->get_source();
      output->set_source(name);
      ctx.data->outputs[name] = output;
    } else if (copy->takes_dimensions()) {
      copy->add_dimensions(facet.fields());
    }
    for (auto* child : node->children)
      for (auto* below : clone_below(child, facet)) below->set_parent(copy);
    return {copy};
  }
  void move_main_down(DataNode* node) {
    auto* output = as<OutputNode>(node, NodeKind::Output);
    if (!output || output->type != DataSource::Main || node->children.size() != 1) return;
    auto* child = node->children[0];
    if (child->kind == NodeKind::Facet) return;
    child->swap_with_parent();
    move_main_down(node);
  }
  void move_facet_down(DataNode* node) {
    auto* facet = as<FacetNode>(node, NodeKind::Facet);
    if (!facet) {
      auto const children = node->children;
      for (auto* child : children) move_facet_down(child);
      return;
    }
    if (node->children.size() == 1 && node->children[0]->kind != NodeKind::Output) {
      auto* child = node->children[0];
      if (child->takes_dimensions()) child->add_dimensions(facet->fields());
      child->swap_with_parent();
      move_facet_down(node);
      return;
    }
    auto* main = facet->model.component.data.main;
    move_main_down(main);
    std::vector<DataNode*> copies;
    for (auto* child : node->children)
      for (auto* copy : clone_below(child, *facet)) copies.push_back(copy);
    for (auto* copy : copies) copy->set_parent(main);
  }
};

}  // namespace

void optimize_data(Model& root) {
  Optimizer optimizer{root.ctx, requires_selection_id(root)};
  constexpr int kMaxPasses = 5;
  for (int i = 0; i < kMaxPasses && optimizer.pass(true); ++i) {
  }
  auto const sources = root.ctx.data->sources;
  for (auto* source : sources) optimizer.move_facet_down(source);
  for (int i = 0; i < kMaxPasses && optimizer.pass(false); ++i) {
  }
}

}  // namespace cml::vega::lite

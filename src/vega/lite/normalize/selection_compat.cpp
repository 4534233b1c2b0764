// Vega-Lite 2 to 4 wrote interaction as `selection` blocks; since version 5 they are `params` with `select`.
#include <map>

#include "vega/lite/messages.hpp"
#include "vega/lite/normalize/normalize.hpp"
#include "vega/lite/predicate.hpp"

namespace cml::vega::lite {
namespace {

struct Compat {
  Context& ctx;
  std::map<std::string, bool> empty;  // By selection: whether an empty one holds everything.

  void scan(Value const& spec) {
    if (has(spec, "mark"))
      for (auto const& [name, def] : spec["selection"].properties())
        empty[std::string(name.view())] = !is(def["empty"], "none");
    for (auto key : {"layer", "concat", "hconcat", "vconcat"})
      for (auto const& child : spec[key].items()) scan(child);
    if (spec["spec"].is_object()) scan(spec["spec"]);
  }

  Value selection_predicate(Value const& composition) const {
    return map_logical(composition, [&](Value const& name) {
      auto const found = empty.find(name.to_string());
      return Value::object({{"param", name}, {"empty", found == empty.end() || found->second}});
    });
  }
  Value predicate(Value const& op) const {
    if (op["selection"].truthy()) return selection_predicate(op["selection"]);
    return map_logical(truthy_or(op["test"], op["filter"]), [&](Value const& leaf) {
      return leaf["selection"].truthy() ? selection_predicate(leaf["selection"]) : leaf;
    });
  }
  static Value bin_extent(Value const& bin) {
    auto const& extent = bin["extent"];
    if (!extent["selection"].truthy()) return bin;
    Value out = bin, next = omit(extent, {"selection"});
    next.set("param", extent["selection"]);
    out.set("extent", next);
    return out;
  }

  Value transforms(Value const& spec) const {
    if (!spec["transform"].is_array()) return spec;
    Array list;
    for (auto const& t : spec["transform"].items()) {
      if (has(t, "filter")) {
        list.push_back(Value::object({{"filter", predicate(t)}}));
      } else if (t["bin"].is_object()) {
        Value out = t;
        out.set("bin", bin_extent(t["bin"]));
        list.push_back(out);
      } else if (has(t, "lookup") && t["from"]["selection"].truthy()) {
        Value out = t, from = Value::object({{"param", t["from"]["selection"]}});
        assign(from, omit(t["from"], {"selection"}));
        out.set("from", from);
        list.push_back(out);
      } else {
        list.push_back(t);
      }
    }
    Value out = spec;
    out.set("transform", list);
    return out;
  }

  Value condition(Value const& c) const {
    if (c["param"].truthy()) return c;
    Value const inner = channel_def(c);
    Value out = omit(inner, {"selection", "param", "test"});
    out.set("test", predicate(c));
    return out;
  }
  Value channel_def(Value const& def) const {
    if (!def.is_object()) return def;
    Value out = def;
    if (is_field_def(def) && def["bin"].is_object()) out.set("bin", bin_extent(def["bin"]));
    if (auto const& domain = def["scale"]["domain"]; domain["selection"].truthy()) {
      Value next = omit(domain, {"selection"});
      next.set("param", domain["selection"]);
      Value scale = def["scale"];
      scale.set("domain", next);
      out.set("scale", scale);
    }
    if (auto const& c = def["condition"]; c.is_array()) {
      Array items;
      for (auto const& item : c.items()) {
        if (item["param"].truthy()) {
          items.push_back(item);
          continue;
        }
        Value next = omit(item, {"selection", "param", "test"});
        next.set("test", predicate(item));
        items.push_back(next);
      }
      out.set("condition", items);
    } else if (c.is_object()) {
      out.set("condition", condition(c));
    }
    return out;
  }

  Value unit(Value spec) const {
    auto const& old = spec["selection"];
    if (!old.truthy()) return spec;
    ctx.path = spec[kPathKey].string_or("$");
    ctx.warn(message::old_spelling("selection", "params"));
    Array params;
    for (auto const& [name, def] : old.properties()) {
      Value select = omit(def, {"init", "bind", "empty"});
      if (is(select["type"], "single")) {
        select.set("type", "point");
        select.set("toggle", false);
      } else if (is(select["type"], "multi")) {
        select.set("type", "point");
      }
      params.push_back(
          Value::object({{"name", Value(name)}, {"value", def["init"]}, {"select", select}, {"bind", def["bind"]}}));
    }
    spec.erase("selection");
    spec.set("params", params);
    return spec;
  }

  Value map(Value const& given) const {
    Value spec = transforms(given);
    for (auto key : {"layer", "concat", "hconcat", "vconcat"}) {
      if (!has(spec, key)) continue;
      Array children;
      for (auto const& child : spec[key].items()) children.push_back(map(child));
      spec.set(key, children);
    }
    if (has(spec, "facet") || has(spec, "repeat")) {
      spec.set("spec", map(spec["spec"]));
    } else if (has(spec, "layer") || has(spec, "mark")) {
      Value encoding{Object()};
      for (auto const& [channel, def] : spec["encoding"].properties()) encoding.set(channel, channel_def(def));
      if (spec["encoding"].is_object()) spec.set("encoding", encoding);
      if (!has(spec, "layer")) spec = unit(spec);
    }
    return spec;
  }
};

}  // namespace

Value normalize_selection_compat(Context& ctx, Value const& spec) {
  Compat compat{ctx, {}};
  compat.scan(spec);
  return compat.map(spec);
}

}  // namespace cml::vega::lite

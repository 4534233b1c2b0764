#include "vega/lite/projection/projection.hpp"

namespace cml::vega::lite {
namespace {

constexpr std::string_view kProperties[] = {"type",     "clipAngle", "clipExtent",  "center",   "rotate",   "precision",
                                            "reflectX", "reflectY",  "coefficient", "distance", "fraction", "lobes",
                                            "parallel", "radius",    "ratio",       "spacing",  "tilt"};

std::vector<Value> fit_data(Model& m) {
  std::vector<Value> data;
  auto const add_signal = [&] { data.push_back(signal_ref(m.get_name("geojson_" + std::to_string(data.size())))); };
  auto const has_def = [&](char const* c) { return get_field_or_datum_def(m.encoding[c]).defined(); };
  if (has_def("longitude") || has_def("latitude")) add_signal();
  if (has_def("longitude2") || has_def("latitude2")) add_signal();
  if (channel_has_field(m.encoding, "shape") && is(m.typed_field_def("shape")["type"], "geojson")) add_signal();
  if (data.empty()) data.emplace_back(m.request_data_name(DataSource::Main));
  return data;
}

std::shared_ptr<ProjectionComponent> parse_unit(Model& m) {
  if (!m.has_projection()) return nullptr;
  auto const own = replace_expr_refs(m.specified_projection);
  auto out = std::make_shared<ProjectionComponent>();
  if (own["scale"].is_nullish() && own["translate"].is_nullish()) {
    out->size = {m.size_signal_ref("width"), m.size_signal_ref("height")};
    out->data = fit_data(m);
  }
  out->specified = spread({replace_expr_refs(m.config["projection"]), own});
  out->explicit_props = out->specified;
  out->implicit_props.set("name", m.get_name("projection"));
  if (!out->get("type").truthy()) out->set("type", "equalEarth", false);
  return out;
}

// The one of two projections that serves both views; null when they differ.
std::shared_ptr<ProjectionComponent> common(std::shared_ptr<ProjectionComponent> const& a,
                                            std::shared_ptr<ProjectionComponent> const& b) {
  if (!(a->size == b->size)) return nullptr;
  bool same = true;
  for (auto property : kProperties) {
    bool const in_a = a->explicit_props.has(property), in_b = b->explicit_props.has(property);
    if (in_a || in_b) same = same && in_a && in_b && a->get(property) == b->get(property);
  }
  if (same || is_empty(b->explicit_props)) return a;
  return is_empty(a->explicit_props) ? b : nullptr;
}

std::shared_ptr<ProjectionComponent> parse_shared(Model& m) {
  std::shared_ptr<ProjectionComponent> shared;
  bool mergeable = true;
  for (auto const& child : m.children) parse_projections(*child);
  for (auto const& child : m.children) {
    auto const& own = child->component.projection;
    if (!own || !mergeable) continue;
    if (!shared) {
      shared = own;
    } else if (auto both = common(shared, own)) {
      shared = both;
    } else {
      mergeable = false;
    }
  }
  if (!shared || !mergeable) return nullptr;
  auto out = std::make_shared<ProjectionComponent>();
  auto const name = m.get_name("projection");
  out->specified = shared->specified;
  out->explicit_props = shared->specified.is_object() ? shared->specified : Value(Object());
  out->implicit_props.set("name", name);
  out->size = shared->size;
  out->data = shared->data;
  for (auto const& child : m.children) {
    auto const& own = child->component.projection;
    if (!own) continue;
    if (own->is_fit()) {
      if (!out->data) out->data.emplace();
      out->data->insert(out->data->end(), own->data->begin(), own->data->end());
    }
    m.ctx.projection_names.rename(own->get("name").to_string(), name);
    own->merged = true;
  }
  return out;
}

}  // namespace

void parse_projections(Model& m) { m.component.projection = m.is_unit() ? parse_unit(m) : parse_shared(m); }

Array assemble_projections(Model& m) {
  Array out;
  if (auto const& p = m.component.projection; p && !p->merged) {
    auto const properties = p->combine();
    Value assembled = Value::object({{"name", properties["name"]}});
    if (!p->data) {
      assembled.set("translate", signal_ref("[width / 2, height / 2]"));
    } else {
      Strings sizes, fits;
      for (auto const& s : p->size) sizes.push_back(s["signal"].to_string());
      for (auto const& d : *p->data)
        add_unique(fits,
                   is_signal_ref(d) ? d["signal"].to_string() : "data('" + m.lookup_data_source(d.to_string()) + "')");
      assembled.set("size", signal_ref("[" + join(sizes, ", ") + "]"));
      assembled.set("fit", signal_ref(fits.size() > 1 ? "[" + join(fits, ", ") + "]" : fits[0]));
    }
    assign(assembled, properties);
    out.push_back(assembled);
  }
  if (m.is_layer() || m.is_concat())
    for (auto const& child : m.children)
      for (auto& p : assemble_projections(*child)) out.push_back(std::move(p));
  return out;
}

}  // namespace cml::vega::lite

#include "vega/value/topojson.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr long kMostArcs = 1'000'000'000;

class Topology {
 public:
  Topology(Value const& topology, std::string path) : topology_(topology), path_(std::move(path)) {
    Value const transform = topology["transform"];
    if (transform.is_object()) {
      quantized_ = true;
      for (std::size_t k = 0; k < 2; ++k)
        scale_[k] = transform["scale"].at(k).to_number(), shift_[k] = transform["translate"].at(k).to_number();
    }
  }

  Value point(Value const& position) const {
    Array out = position.items();
    if (out.size() < 2) fail(path_, "a TopoJSON position needs two numbers");
    if (quantized_)
      for (std::size_t k = 0; k < 2; ++k) out[k] = out[k].to_number() * scale_[k] + shift_[k];
    return out;
  }
  // The positions of one arc, deltas summed.
  Array arc(double index) const {
    bool const reversed = index < 0;
    auto const& arcs = topology_["arcs"].items();
    long const whole_index = whole(index, -kMostArcs, kMostArcs);
    auto const i = static_cast<std::size_t>(reversed ? ~whole_index : whole_index);
    if (!(std::fabs(index) < kMostArcs) || i >= arcs.size())
      fail(path_, "TopoJSON arc " + number_to_string(index) + " does not exist");
    Array out;
    double x = 0, y = 0;
    budget::steps(30 * arcs[i].items().size());
    for (auto const& step : arcs[i].items()) {
      double px = step.at(0).to_number(), py = step.at(1).to_number();
      if (quantized_) {
        px = (x += px) * scale_[0] + shift_[0];
        py = (y += py) * scale_[1] + shift_[1];
      }
      out.push_back(Value::array({px, py}));
    }
    if (reversed) std::reverse(out.begin(), out.end());
    return out;
  }
  Value line(Value const& arcs) const {
    Array out;
    for (auto const& a : arcs.items()) {
      if (!out.empty()) out.pop_back();  // Arcs share their end points.
      for (auto& p : arc(a.to_number())) out.push_back(std::move(p));
    }
    if (out.size() < 2 && !out.empty()) out.push_back(out[0]);
    return out;
  }
  Value ring(Value const& arcs) const {
    Value out = line(arcs);
    while (out.size() < 4 && out.size() > 0) out.push(out.at(0));
    return out;
  }
  template <class Each>
  static Value each(Value const& list, Each f) {
    Array out;
    for (auto const& item : list.items()) out.push_back(f(item));
    return out;
  }
  Value polygon(Value const& arcs) const {
    return each(arcs, [this](Value const& a) { return ring(a); });
  }

  Value geometry(Value const& o, int depth = 0) const {
    if (depth > 64) fail(path_, "TopoJSON collections are nested deeper than 64 levels");
    auto const type = o["type"].string_or("");
    if (type == "GeometryCollection")
      return Value::object({{"type", type}, {"geometries", each(o["geometries"], [&](Value const& g) {
                                               return geometry(g, depth + 1);
                                             })}});
    Value coordinates;
    if (type == "Point")
      coordinates = point(o["coordinates"]);
    else if (type == "MultiPoint")
      coordinates = each(o["coordinates"], [this](Value const& p) { return point(p); });
    else if (type == "LineString")
      coordinates = line(o["arcs"]);
    else if (type == "MultiLineString")
      coordinates = each(o["arcs"], [this](Value const& a) { return line(a); });
    else if (type == "Polygon")
      coordinates = polygon(o["arcs"]);
    else if (type == "MultiPolygon")
      coordinates = each(o["arcs"], [this](Value const& a) { return polygon(a); });
    else
      return nullptr;
    return Value::object({{"type", type}, {"coordinates", coordinates}});
  }
  Value feature(Value const& o) const {
    Value out = Value::object({{"type", "Feature"}});
    if (!o["id"].is_nullish()) out.set("id", o["id"]);
    if (!o["bbox"].is_nullish()) out.set("bbox", o["bbox"]);
    out.set("properties", o["properties"].is_nullish() ? Value(Object()) : o["properties"]);
    out.set("geometry", geometry(o));
    return out;
  }

 private:
  Value topology_;
  std::string path_;
  bool quantized_ = false;
  double scale_[2] = {1, 1}, shift_[2] = {0, 0};
};

// Arc indices of an object with how many different geometries use each.
struct Use {
  std::vector<Value const*> owners;
};
void collect(Value const& o, Value const* owner, std::map<long, Use>& uses, std::vector<long>& order) {
  auto const type = o["type"].string_or("");
  if (type == "GeometryCollection") {
    for (auto const& g : o["geometries"].items()) collect(g, &g, uses, order);
    return;
  }
  std::function<void(Value const&)> const walk = [&](Value const& v) {
    if (v.is_array()) {
      for (auto const& item : v.items()) walk(item);
    } else if (v.is_number()) {
      long const i = whole(v.number(), -kMostArcs, kMostArcs), key = i < 0 ? ~i : i;
      budget::steps(100);
      auto& use = uses[key];
      if (use.owners.empty()) order.push_back(i);
      use.owners.push_back(owner);
    }
  };
  walk(o["arcs"]);
}

// Joins arcs that share end points into longer lines (topojson-client stitch).
std::vector<std::vector<long>> stitch(Topology const& topology, std::vector<long> const& arcs) {
  using Key = std::pair<double, double>;
  auto const ends = [&](long arc) {
    auto const points = topology.arc(static_cast<double>(arc));
    auto const key = [](Value const& p) { return Key{p.at(0).to_number(), p.at(1).to_number()}; };
    return std::pair{key(points.front()), key(points.back())};
  };
  struct Fragment {
    std::vector<long> arcs;
    Key start, end;
    bool alive = true;
  };
  std::vector<Fragment> fragments;
  std::map<Key, std::size_t> by_start, by_end;
  for (long arc : arcs) {
    if (topology.arc(static_cast<double>(arc)).size() < 2) continue;
    auto const [start, end] = ends(arc);
    auto const before = by_end.find(start), after = by_start.find(end);
    Fragment joined{{arc}, start, end, true};
    std::size_t const none = static_cast<std::size_t>(-1);
    std::size_t const f = before == by_end.end() ? none : before->second,
                      g = after == by_start.end() ? none : after->second;
    if (f != none) {
      budget::steps(fragments[f].arcs.size());
      joined.arcs.insert(joined.arcs.begin(), fragments[f].arcs.begin(), fragments[f].arcs.end());
      joined.start = fragments[f].start;
      fragments[f].alive = false;
      by_end.erase(fragments[f].end);
      by_start.erase(fragments[f].start);
    }
    if (g != none && g != f && fragments[g].alive) {
      budget::steps(fragments[g].arcs.size());
      joined.arcs.insert(joined.arcs.end(), fragments[g].arcs.begin(), fragments[g].arcs.end());
      joined.end = fragments[g].end;
      fragments[g].alive = false;
      by_end.erase(fragments[g].end);
      by_start.erase(fragments[g].start);
    }
    fragments.push_back(joined);
    by_start[joined.start] = fragments.size() - 1;
    by_end[joined.end] = fragments.size() - 1;
  }
  std::vector<std::vector<long>> out;
  for (auto& fragment : fragments)
    if (fragment.alive) out.push_back(std::move(fragment.arcs));
  return out;
}

}  // namespace

Array topojson_features(Value const& topology, Value const& format, std::string const& path) {
  bool const mesh = !format["feature"].is_string() && format["mesh"].is_string();
  Value const name = mesh ? format["mesh"] : format["feature"];
  if (!name.is_string()) fail(path + ".format", "topojson data needs the name of a feature or mesh");
  Value const object = topology["objects"][name.string()];
  if (!object.is_object())
    fail(path + ".format." + (mesh ? "mesh" : "feature"),
         "the topology has no object \"" + std::string(name.string()) + "\"");
  Topology const reader(topology, path);
  if (!mesh) {
    if (object["type"].string_or("") != "GeometryCollection") return {reader.feature(object)};
    Array out;
    for (auto const& g : object["geometries"].items()) out.push_back(reader.feature(g));
    return out;
  }
  std::map<long, Use> uses;
  std::vector<long> order, kept;
  collect(object, &object, uses, order);
  auto const filter = format["filter"].string_or("");
  for (long arc : order) {
    auto const& owners = uses[arc < 0 ? ~arc : arc].owners;
    bool const shared = owners.front() != owners.back();
    if (filter == "interior" ? shared : filter == "exterior" ? !shared : true) kept.push_back(arc);
  }
  Array lines;
  for (auto const& arcs : stitch(reader, kept)) {
    Array indices;
    for (long a : arcs) indices.emplace_back(static_cast<double>(a));
    lines.push_back(reader.line(Value(std::move(indices))));
  }
  return {Value::object({{"type", "MultiLineString"}, {"coordinates", Value(std::move(lines))}})};
}

}  // namespace cml::vega

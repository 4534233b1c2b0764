// force: places of nodes by a simulation (simulation.hpp). A "link" force reads another dataset, whose rows then hold
// the nodes themselves as "source" and "target": what draws the links reads datum.source.x.
#include <cmath>
#include <limits>
#include <map>

#include "vega/transform/all.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/transform/simulation.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"
#include "vega/value/numbers.hpp"

namespace cml::vega {
namespace {

constexpr double kMostTicks = 100'000, kAlphaMin = 0.001;

// A number for each of some rows: given once, or by an expression of the row.
template <class Row>
std::vector<double> number_of_each(Parameters const& p, Value const& spec, char const* name, double fallback,
                                   std::size_t count, Row row) {
  Value const& given = spec[name];
  budget::bytes(8 * count);  // There may be as many forces as nodes.
  if (!given["expr"].is_string()) return std::vector<double>(count, p.number(name, fallback));
  Expression const expression(given["expr"].string(), p.path(name) + ".expr");
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) {
    Value const datum = row(i);
    out.push_back(expression.evaluate(p.scope(), {nullptr, 0, &datum}).to_number());
  }
  return out;
}

std::string node_key(Value const& id) {  // Number 1 and text "1" are different nodes.
  return (id.is_string() ? "s" : id.is_number() ? "n" : "o") + id.to_string();
}

// The links of a force, and where their ends go once the nodes are placed.
struct Links {
  std::string dataset;
  TableRef table;
  std::vector<std::uint32_t> source, target;
};

class ForceReader {
 public:
  ForceReader(Table const& nodes, TransformContext& context) : nodes_(nodes), context_(context) {}

  AnyForce read(Value const& spec, std::string const& path) {
    TransformContext here{context_.scope, path, context_.diagnostics, {}};
    Parameters const p(spec, here);
    auto const kind = p.required_string("force");
    auto const node = [&](std::size_t i) { return nodes_.row(i); };
    auto const count = nodes_.size();
    if (kind == "center") return CenterForce{p.number("x", 0), p.number("y", 0)};
    if (kind == "collide")
      return CollideForce{number_of_each(p, spec, "radius", 1, count, node), p.number("strength", 1),
                          p.number("iterations", 1)};
    if (kind == "nbody")
      return ManyBodyForce{number_of_each(p, spec, "strength", -30, count, node), p.number("theta", 0.9),
                           p.number("distanceMin", 1), p.number("distanceMax", 1e150)};
    if (kind == "x" || kind == "y") return place(p, spec, kind);
    if (kind == "link") return link(p, spec);
    fail(path + ".force", "unknown force \"" + kind + "\"; known are center, collide, nbody, link, x, y");
  }
  std::vector<Links> const& links() const { return links_; }

 private:
  AnyForce place(Parameters const& p, Value const& spec, std::string const& kind) {
    PlaceForce out;
    out.across = kind == "x";
    auto const count = nodes_.size();
    budget::bytes(8 * count);
    out.strength = number_of_each(p, spec, "strength", 0.1, count, [&](std::size_t i) { return nodes_.row(i); });
    if (p.has(kind) && (spec[kind].is_string() || spec[kind].is_object()) && !p.value(kind).is_number()) {
      auto const cells = p.required_field(kind).of(nodes_, context_.scope);
      for (std::size_t i = 0; i < count; ++i) out.place.push_back(cells.number(i));
    } else {
      out.place.assign(count, p.number(kind, 0));
    }
    for (std::size_t i = 0; i < count; ++i)
      if (std::isnan(out.place[i])) out.strength[i] = out.place[i] = 0;
    return out;
  }

  AnyForce link(Parameters const& p, Value const& spec) {
    Links links{p.string("links", ""), nullptr, {}, {}};
    links.table = links.dataset.empty() ? make_ref<Table>() : context_.scope.data(links.dataset);
    if (!links.table) fail(p.path("links"), "there is no dataset \"" + links.dataset + "\"");
    std::map<std::string, std::uint32_t> by_id;
    auto const id = p.field("id");
    auto const ids = id ? id->of(nodes_, context_.scope) : FieldColumn();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      auto key = node_key(id ? ids.value(i) : Value(static_cast<double>(i)));
      budget::steps(100 + key.size());
      budget::bytes(100 + key.size());
      by_id[std::move(key)] = static_cast<std::uint32_t>(i);
    }
    budget::bytes(32 * links.table->size());
    std::vector<double> degree(nodes_.size());
    auto const end = [&](std::size_t row, char const* name) {
      auto const given = links.table->get(row, name);
      auto const found = by_id.find(node_key(given));
      if (found == by_id.end())
        fail(p.path("links"), "row " + std::to_string(row + 1) + " of \"" + links.dataset + "\" links to the node " +
                                  given.to_string().substr(0, 60) + ", which is not there");
      ++degree[found->second];
      return found->second;
    };
    for (std::size_t row = 0; row < links.table->size(); ++row) {
      links.source.push_back(end(row, "source"));
      links.target.push_back(end(row, "target"));
    }
    LinkForce out;
    out.source = links.source, out.target = links.target;
    out.iterations = p.number("iterations", 1);
    auto const count = links.source.size();
    auto const row = [&](std::size_t i) {
      Value datum = links.table->row(i);
      datum.set("source", nodes_.row(out.source[i]));
      datum.set("target", nodes_.row(out.target[i]));
      return datum;
    };
    out.distance = number_of_each(p, spec, "distance", 30, count, row);
    if (p.has("strength")) out.strength = number_of_each(p, spec, "strength", 1, count, row);
    for (std::size_t i = 0; i < count; ++i) {
      double const from = degree[out.source[i]], to = degree[out.target[i]];
      if (!p.has("strength")) out.strength.push_back(1 / std::min(from, to));
      out.bias.push_back(from / (from + to));
    }
    links_.push_back(std::move(links));
    return out;
  }

  Table const& nodes_;
  TransformContext& context_;
  std::vector<Links> links_;
};

std::vector<double> numbers_of(Table const& table, std::string_view name) {
  FieldColumn const cells(table, table.column(name));
  std::vector<double> out(table.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = cells.nullish(i) ? kNaN : cells.number(i);
  return out;
}

TableRef apply_force(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Simulation simulation;
  simulation.x = numbers_of(*input, "x"), simulation.y = numbers_of(*input, "y");
  simulation.vx = numbers_of(*input, "vx"), simulation.vy = numbers_of(*input, "vy");
  simulation.fixed_x = numbers_of(*input, "fx"), simulation.fixed_y = numbers_of(*input, "fy");
  simulation.place_new_nodes();
  std::vector<double> index(input->size());
  for (std::size_t i = 0; i < index.size(); ++i) index[i] = static_cast<double>(i);
  auto const placed = [&](TableRef table) {
    return table->with_column("index", Column::of_numbers(index))
        ->with_column("x", Column::of_numbers(simulation.x))
        ->with_column("y", Column::of_numbers(simulation.y))
        ->with_column("vx", Column::of_numbers(simulation.vx))
        ->with_column("vy", Column::of_numbers(simulation.vy));
  };
  auto const start = placed(input);
  ForceReader reader(*start, context);
  std::size_t number = 0;
  for (auto const& force : spec["forces"].items())
    simulation.forces.push_back(reader.read(force, context.path + ".forces[" + std::to_string(number++) + "]"));
  double ticks = std::floor(p.number("iterations", 300));
  if (!(std::fabs(ticks) > 0)) ticks = 300;
  if (ticks > kMostTicks) fail(p.path("iterations"), "must be at most 100000");
  // The reference reads alphaMin, alphaTarget and velocityDecay only when they change later, and the first alpha is
  // at least 1: what is drawn first is made with the defaults.
  if (p.boolean("static", false)) {
    simulation.alpha = std::max(1.0, p.number("alpha", 1));
    simulation.alpha_decay = 1 - std::pow(kAlphaMin, 1 / ticks);
    for (double i = 0; i < ticks; ++i) simulation.tick();
  } else {  // What is drawn before the first frame of the animation.
    simulation.alpha_decay = 1 - std::pow(kAlphaMin, 1 / 300.0);
    simulation.tick();
  }
  auto out = placed(input);
  for (Links const& links : reader.links()) {
    std::vector<Value> rows(out->size()), source, target;
    auto const node = [&](std::uint32_t i) -> Value const& {
      if (rows[i].is_nullish()) rows[i] = out->row(i);
      return rows[i];
    };
    for (std::size_t i = 0; i < links.source.size(); ++i)
      source.push_back(node(links.source[i])), target.push_back(node(links.target[i]));
    context.scope.replace_data(links.dataset, links.table->with_column("source", Column::of_values(std::move(source)))
                                                  ->with_column("target", Column::of_values(std::move(target))));
  }
  return out;
}

constexpr std::string_view kForceParameters[] = {"static",   "restart",     "iterations",    "alpha",
                                                 "alphaMin", "alphaTarget", "velocityDecay", "forces"};

}  // namespace

TransformType const kForce{"force", kForceParameters, apply_force};

}  // namespace cml::vega

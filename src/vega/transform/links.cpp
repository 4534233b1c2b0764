// Transforms about pairs of rows: treelinks (parents and children of a tree), linkpath (a path between two places) and
// cross (every row with every row).
#include <cmath>
#include <numbers>

#include "vega/expr/coerce.hpp"
#include "vega/transform/all.hpp"
#include "vega/transform/parameters.hpp"
#include "vega/value/budget.hpp"
#include "vega/value/error.hpp"

namespace cml::vega {
namespace {

TableRef pairs_table(std::vector<std::string> const& as, ColumnBuilder& first, ColumnBuilder& second) {
  std::size_t const rows = first.size();
  auto const table = make_ref<Table>(std::vector<Table::Field>{{Str(as[0]), first.finish()}}, rows);
  return table->with_column(as[1], second.finish());
}

TableRef apply_treelinks(TableRef input, Value const&, TransformContext& context) {
  auto const tree = input->tree();
  if (!tree) fail(context.path, "the data is not a tree; a stratify or nest transform comes before this one");
  std::vector<std::uint32_t> position;  // Of base rows; rows that were filtered out have no links.
  for (std::size_t row = 0; row < input->size(); ++row) {
    auto const base = input->base_row(row);
    if (base >= position.size()) position.resize(base + 1, Tree::kNone);
    position[base] = static_cast<std::uint32_t>(row);
  }
  std::vector<Value> rows(tree->size());
  auto const row_of = [&](std::uint32_t node) -> Value const& {
    if (rows[node].is_nullish()) rows[node] = input->base_row_value(tree->row[node]);
    return rows[node];
  };
  auto const is_here = [&](std::uint32_t node) {
    auto const row = tree->row[node];
    return row < position.size() && position[row] != Tree::kNone;
  };
  ColumnBuilder source, target;
  for (std::uint32_t const node : tree->by_level()) {
    auto const above = tree->parent[node];
    if (above == Tree::kNone || !is_here(node) || !is_here(above)) continue;
    budget::steps(20);
    source.push(row_of(above));
    target.push(row_of(node));
  }
  return pairs_table({"source", "target"}, source, target);
}

// --- linkpath -------------------------------------------------------------------------------------------------------

struct Ends {
  double sx, sy, tx, ty;
};

// Path data from its letters and numbers: {"M", x, ",", y, "L", ...}.
class PathText {
 public:
  PathText& operator<<(std::string_view letters) { return text_ += letters, *this; }
  PathText& operator<<(double number) { return text_ += number_to_string(number), *this; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

using WritePath = void (*)(PathText&, Ends const&);

void line_path(PathText& path, Ends const& e) { path << "M" << e.sx << "," << e.sy << "L" << e.tx << "," << e.ty; }
void arc_path(PathText& path, Ends const& e) {
  double const dx = e.tx - e.sx, dy = e.ty - e.sy, radius = std::sqrt(dx * dx + dy * dy) / 2;
  path << "M" << e.sx << "," << e.sy << "A" << radius << "," << radius << " "
       << 180 * std::atan2(dy, dx) / std::numbers::pi << " 0 1 " << e.tx << "," << e.ty;
}
void curve_path(PathText& path, Ends const& e) {
  double const dx = e.tx - e.sx, dy = e.ty - e.sy, ix = 0.2 * (dx + dy), iy = 0.2 * (dy - dx);
  path << "M" << e.sx << "," << e.sy << "C" << e.sx + ix << "," << e.sy + iy << " " << e.tx + iy << "," << e.ty - ix
       << " " << e.tx << "," << e.ty;
}
void orthogonal_x(PathText& path, Ends const& e) { path << "M" << e.sx << "," << e.sy << "V" << e.ty << "H" << e.tx; }
void orthogonal_y(PathText& path, Ends const& e) { path << "M" << e.sx << "," << e.sy << "H" << e.tx << "V" << e.ty; }
void diagonal_x(PathText& path, Ends const& e) {
  double const middle = (e.sx + e.tx) / 2;
  path << "M" << e.sx << "," << e.sy << "C" << middle << "," << e.sy << " " << middle << "," << e.ty << " " << e.tx
       << "," << e.ty;
}
void diagonal_y(PathText& path, Ends const& e) {
  double const middle = (e.sy + e.ty) / 2;
  path << "M" << e.sx << "," << e.sy << "C" << e.sx << "," << middle << " " << e.tx << "," << middle << " " << e.tx
       << "," << e.ty;
}

// Of radial links: x is an angle, y a radius.
Ends from_polar(Ends const& e) {
  return {e.sy * std::cos(e.sx), e.sy * std::sin(e.sx), e.ty * std::cos(e.tx), e.ty * std::sin(e.tx)};
}
void line_radial(PathText& path, Ends const& e) { line_path(path, from_polar(e)); }
void arc_radial(PathText& path, Ends const& e) { arc_path(path, from_polar(e)); }
void curve_radial(PathText& path, Ends const& e) { curve_path(path, from_polar(e)); }
void orthogonal_radial(PathText& path, Ends const& e) {
  double const sc = std::cos(e.sx), ss = std::sin(e.sx), tc = std::cos(e.tx), ts = std::sin(e.tx);
  bool const sweep = std::fabs(e.tx - e.sx) > std::numbers::pi ? e.tx <= e.sx : e.tx > e.sx;
  path << "M" << e.sy * sc << "," << e.sy * ss << "A" << e.sy << "," << e.sy << " 0 0," << (sweep ? "1" : "0") << " "
       << e.sy * tc << "," << e.sy * ts << "L" << e.ty * tc << "," << e.ty * ts;
}
void diagonal_radial(PathText& path, Ends const& e) {
  double const sc = std::cos(e.sx), ss = std::sin(e.sx), tc = std::cos(e.tx), ts = std::sin(e.tx);
  double const middle = (e.sy + e.ty) / 2;
  path << "M" << e.sy * sc << "," << e.sy * ss << "C" << middle * sc << "," << middle * ss << " " << middle * tc << ","
       << middle * ts << " " << e.ty * tc << "," << e.ty * ts;
}

// Table: the shapes of links by orientation.
struct Shape {
  std::string_view name;
  WritePath horizontal, vertical, radial;
};
constexpr Shape kShapes[] = {{"line", line_path, line_path, line_radial},
                             {"arc", arc_path, arc_path, arc_radial},
                             {"curve", curve_path, curve_path, curve_radial},
                             {"orthogonal", orthogonal_x, orthogonal_y, orthogonal_radial},
                             {"diagonal", diagonal_x, diagonal_y, diagonal_radial}};

WritePath path_writer(Parameters const& p) {
  auto const shape = p.one_of("shape", "line", {"line", "arc", "curve", "orthogonal", "diagonal"});
  auto const orient = p.one_of("orient", "vertical", {"horizontal", "vertical", "radial"});
  for (Shape const& one : kShapes)
    if (one.name == shape)
      return orient == "radial" ? one.radial : orient == "vertical" ? one.vertical : one.horizontal;
  fail(p.path("shape"), "\"" + shape + "\" is not a link shape");
}

TableRef apply_linkpath(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  Value const defaults = Value::object(
      {{"sourceX", "source.x"}, {"sourceY", "source.y"}, {"targetX", "target.x"}, {"targetY", "target.y"}});
  Parameters const usual(defaults, context);
  auto const cells = [&](std::string_view name) {
    auto const field = p.field(name);
    return (field ? *field : usual.required_field(name)).of(*input, context.scope);
  };
  auto const sx = cells("sourceX"), sy = cells("sourceY"), tx = cells("targetX"), ty = cells("targetY");
  auto const write = path_writer(p);
  ColumnBuilder paths;
  for (std::size_t row = 0; row < input->size(); ++row) {
    PathText path;
    write(path, {sx.number(row), sy.number(row), tx.number(row), ty.number(row)});
    paths.push_string(path.take());
  }
  return input->with_column(p.string("as", "path"), paths.finish());
}

// --- cross ----------------------------------------------------------------------------------------------------------

TableRef apply_cross(TableRef input, Value const& spec, TransformContext& context) {
  Parameters const p(spec, context);
  auto const as = p.names({"a", "b"});
  std::size_t const n = input->size();
  budget::steps(50.0 * static_cast<double>(n) * static_cast<double>(n));
  std::vector<Value> rows;
  for (std::size_t row = 0; row < n; ++row) rows.push_back(input->row(row));
  auto const all = Column::of_values(rows);
  ColumnBuilder first, second;
  for (std::size_t row = 0; row < n; ++row) {
    std::vector<std::uint32_t> kept;
    if (p.has("filter")) {
      auto const candidates = make_ref<Table>(std::vector<Table::Field>{{Str(as[0]), Column::repeat(rows[row], n)}}, n)
                                  ->with_column(as[1], all);
      kept = p.expression("filter").true_rows(context.scope, *candidates);
    } else {
      for (std::uint32_t other = 0; other < n; ++other) kept.push_back(other);
    }
    check_item_count(static_cast<double>(first.size() + kept.size()));
    for (std::uint32_t const other : kept) {
      first.push(rows[row]);
      second.push(rows[other]);
    }
  }
  return pairs_table(as, first, second);
}

constexpr std::string_view kLinkParameters[] = {"sourceX", "sourceY", "targetX", "targetY",
                                                "orient",  "shape",   "require"},
                           kCrossParameters[] = {"filter"};

}  // namespace

TransformType const kTreeLinks{"treelinks", {}, apply_treelinks};
TransformType const kLinkPath{"linkpath", kLinkParameters, apply_linkpath};
TransformType const kCross{"cross", kCrossParameters, apply_cross};

}  // namespace cml::vega

// Prints docs/vega-support.md from the engine's own tables. A test compares the page with what this prints.
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "vega/expr/function.hpp"
#include "vega/geo/raw.hpp"
#include "vega/scale/scale.hpp"
#include "vega/scale/schemes.hpp"
#include "vega/scene/scene.hpp"
#include "vega/transform/transform.hpp"

using namespace cml::vega;

namespace {

std::string joined(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  std::string out;
  for (auto const& name : names) out += (out.empty() ? "" : " ") + name;
  return out;
}

// Words of a paragraph, broken before column 120.
std::string wrapped(std::string const& text) {
  std::string out;
  std::size_t column = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t const end = std::min(text.find(' ', at), text.size());
    if (column > 0) {
      bool const fits = column + 1 + end - at <= 120;
      out += fits ? ' ' : '\n';
      column = fits ? column + 1 : 0;
    }
    out.append(text, at, end - at);
    column += end - at;
    at = end + 1;
  }
  return out;
}

}  // namespace

// Of Vega's transforms those that the registry lacks, as a sentence.
std::string missing_transforms() {
  std::vector<std::string> missing;
  for (char const* name :
       {"aggregate",  "bin",      "collect",    "contour",       "countpattern",  "cross",     "crossfilter",
        "density",    "dotbin",   "extent",     "filter",        "flatten",       "fold",      "force",
        "formula",    "geojson",  "geopath",    "geopoint",      "geoshape",      "graticule", "heatmap",
        "identifier", "impute",   "isocontour", "joinaggregate", "kde",           "kde2d",     "label",
        "linkpath",   "loess",    "lookup",     "nest",          "pack",          "partition", "pie",
        "pivot",      "project",  "quantile",   "regression",    "resolvefilter", "sample",    "sequence",
        "stack",      "stratify", "timeunit",   "tree",          "treelinks",     "treemap",   "voronoi",
        "window",     "wordcloud"}) {
    auto const& all = all_transforms();
    if (std::none_of(all.begin(), all.end(), [&](auto const* type) { return type->name == std::string_view(name); }))
      missing.emplace_back(name);
  }
  return missing.empty() ? ""
                         : "Transforms: " + joined(missing) + ": an error naming the transform and its JSON path. ";
}

int main() {
  std::cout << "# What of Vega is drawn\n\nMade by `cml_support_page` from the engine's tables; do not edit by hand. "
               "Vega-Lite has a page of its own,\n"
               "[vega-lite-support.md](vega-lite-support.md).\n\n";
  std::vector<std::string> names;
  for (int type = 0; type <= static_cast<int>(MarkType::Trail); ++type)
    names.emplace_back(mark_type_name(static_cast<MarkType>(type)));
  std::cout << "## Marks\n\n" << joined(names) << "\n\n## Scales\n\n";
  names.clear();
  for (auto const* name : {"identity", "linear", "log", "pow", "sqrt", "symlog", "time", "utc", "sequential",
                           "quantile", "quantize", "threshold", "bin-ordinal", "ordinal", "band", "point"})
    if (scale_type(name)) names.emplace_back(name);
  std::cout << wrapped(joined(names)) << "\n\n";
  names.clear();
  for (auto const& scheme : kSchemes) names.emplace_back(scheme.name);
  std::cout << wrapped("Colour schemes: " + joined(names)) << "\n\n## Projections\n\n"
            << wrapped(std::string(geo::projection_names()) +
                       ". All of them both ways: `scale('name', [longitude, latitude])` and `invert('name', [x, y])`.")
            << "\n\n## Transforms\n\n| transform | parameters |\n|---|---|\n";
  for (auto const* type : all_transforms()) {
    std::cout << "| " << type->name << " | ";
    bool first = true;
    for (auto const parameter : type->parameters) std::cout << (first ? "" : " ") << parameter, first = false;
    std::cout << " |\n";
  }
  std::cout << "\n## Expression functions\n\n";
  names.clear();
  for (auto const family : function_families())
    for (auto const& function : family)
      if (function.name[0] != '_') names.emplace_back(function.name);
  std::cout << wrapped(joined(names)) << "\n\n"
            << wrapped(
                   "Functions of interaction (`x`, `y`, `group`, `panLinear`, `modify`, ...) are parsed and fail, "
                   "naming themselves, only when evaluated.")
            << "\n\n## Not supported\n\n"
            << wrapped(missing_transforms() +
                       "Interaction and animation: signals keep their initial values, event handlers are read and "
                       "ignored, `hover` and `exit` sets have no effect. Tooltips.")
            << "\n";
}

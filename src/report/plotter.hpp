// How a report gets its plots: the application puts the Vega engine behind this.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml {

struct Plot {
  std::string bytes;  // Of the picture.
  std::string mime = "image/png";
  std::string alt;  // The chart's title or description; may be empty.
  // What the chart asks for and cannot have ("$.encoding.y.field: no row has ..."): to be said below the picture.
  std::vector<std::string> remarks = {};
};

// `base_folder` is where relative data URLs of the spec start. `where` names the spec in warnings ("report.md:12",
// "roc.json").
using Plotter = std::function<Result<Plot>(std::string_view spec, std::filesystem::path const& base_folder,
                                           std::string_view where)>;

// True when the text is a JSON object that names one of Vega's schemas.
bool looks_like_vega(std::string_view text);

}  // namespace cml

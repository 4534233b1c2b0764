#include "vega/engine/format.hpp"

#include <algorithm>
#include <vector>

#include "base/choice.hpp"
#include "base/text.hpp"

namespace cml {

FormatRow const& row_of(DrawFormat format) {
  return *std::find_if(std::begin(kFormats), std::end(kFormats), [&](auto const& row) { return row.format == format; });
}

Result<DrawFormat> format_named(std::string_view name) {
  std::vector<std::string_view> names;
  for (FormatRow const& row : kFormats) {
    if (row.name == name) return row.format;
    names.push_back(row.name);
  }
  return not_one_of(name, names);
}

Result<DrawFormat> format_of_file(std::string_view file) {
  std::string const name = to_lower(file.substr(file.rfind('/') + 1));
  std::string suffixes;
  for (FormatRow const& row : kFormats) {
    if (name.ends_with(row.suffix)) return row.format;
    suffixes += (suffixes.empty() ? "" : ", ") + std::string(row.suffix);
  }
  auto const dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0 || name == "-") return DrawFormat::Png;
  return Error{ErrorKind::Usage, "no format ends in " + clean_line(name.substr(dot), 20) + " (known: " + suffixes +
                                     "); name one with --format to write it to " + clean_line(file, 200) +
                                     " all the same"};
}

std::string stem_of_specification(std::string_view file) {
  std::string_view const name = file.substr(file.rfind('/') + 1);
  for (std::string_view end : {".vl.json", ".vg.json", ".json"})
    if (name.size() > end.size() && name.ends_with(end)) return std::string(name.substr(0, name.size() - end.size()));
  return std::string(name);
}

}  // namespace cml

#include "vega/lite/themes.hpp"

#include <algorithm>
#include <string>

#include "base/embedded.hpp"
#include "vega/value/json.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_themes();
}

namespace cml::vega::lite {
namespace {

constexpr std::string_view kEnding = ".json";

// Changes of one letter that turn one word into the other.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      auto const above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0 : 1)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string_view> theme_names() {
  std::vector<std::string_view> names;
  for (auto const& file : embedded_themes()) names.push_back(file.name.substr(0, file.name.size() - kEnding.size()));
  std::sort(names.begin(), names.end());
  return names;
}

Result<Value> theme(std::string_view name) {
  std::string_view nearest;
  std::size_t best = name.size() + 1;
  for (auto const& file : embedded_themes()) {
    auto const known = file.name.substr(0, file.name.size() - kEnding.size());
    if (known == name) return parse_json(file.bytes);
    if (auto const distance = edit_distance(name.substr(0, 64), known); distance < best) {
      best = distance;
      nearest = known;
    }
  }
  std::string list;
  for (auto known : theme_names()) list += (list.empty() ? "" : ", ") + std::string(known);
  return Error{ErrorKind::NotFound, "unknown theme \"" + std::string(name.substr(0, 64)) + "\"" +
                                        (nearest.empty() ? "" : ", did you mean \"" + std::string(nearest) + "\"?") +
                                        " Themes: " + list};
}

}  // namespace cml::vega::lite

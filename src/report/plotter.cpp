#include "report/plotter.hpp"

#include "base/text.hpp"

namespace cml {

bool looks_like_vega(std::string_view text) {
  std::string_view const trimmed = trim(text);
  if (trimmed.substr(0, 1) != "{") return false;
  // "$schema": "https://vega.github.io/schema/vega-lite/v5.json"; data may be large, the key stands anywhere.
  for (auto at = trimmed.find("\"$schema\""); at != std::string_view::npos; at = trimmed.find("\"$schema\"", at + 1)) {
    std::string_view const after = trimmed.substr(at + 9, 200);
    auto const open = after.find('"');
    if (open == std::string_view::npos) return false;
    std::string_view const value = after.substr(open + 1, after.find('"', open + 1) - open - 1);
    if (contains(value, "/schema/vega/") || contains(value, "/schema/vega-lite/")) return true;
  }
  return false;
}

}  // namespace cml

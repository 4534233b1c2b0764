#include "vega/engine/locale.hpp"

#include <vector>

#include "base/choice.hpp"
#include "base/embedded.hpp"
#include "vega/value/json.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_locales();

Result<vega::Value> named_locale(LocaleKind kind, std::string_view name) {
  for (auto const& file : embedded_locales()) {
    if (file.name != (kind == LocaleKind::Number ? "number.json" : "time.json")) continue;
    CML_TRY(all, vega::parse_json(file.bytes));
    if (all.has(name)) return vega::Value(all[name]);
    std::vector<std::string_view> names;
    for (auto const& [known, definition] : all.properties()) names.push_back(known);
    return not_one_of(name, names);
  }
  return Error{ErrorKind::Bug, "this build holds no locales"};
}

}  // namespace cml

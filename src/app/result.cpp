#include "app/result.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

#include "base/text.hpp"

namespace cml {

using nlohmann::json;

void say(Context& context, Diagnostics const& diagnostics) {
  for (Warning const& warning : diagnostics.warnings()) context.console.log(LogLevel::Warn, line_of(warning));
}

Status complete(bool strict, Diagnostics const& diagnostics) {
  auto const missed = std::count_if(diagnostics.warnings().begin(), diagnostics.warnings().end(),
                                    [](Warning const& warning) { return warning.missed; });
  if (!strict || missed == 0) return ok();
  return Error{ErrorKind::BadInput, "--strict: " + std::to_string(missed) +
                                        (missed == 1 ? " thing was asked for and is not done; see the warning"
                                                     : " things were asked for and are not done; see the warnings")};
}

Status print_json(Context& context, json const& object) {
  context.printed_json = true;
  return context.console.out(object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n");
}

json in_json(Diagnostics const& diagnostics) {
  json warnings = json::array();
  for (Warning const& warning : diagnostics.warnings()) warnings.push_back(line_of(warning));
  return warnings;
}

std::string error_in_json(Error const& error, int code) {
  json const object{{"error", clean_line(error.message, std::string::npos)}, {"exit_code", code}};
  return object.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace cml

#include "runner/logs.hpp"

#include <nlohmann/json.hpp>

#include "base/text.hpp"

namespace cml::runner {

Status show_logs(Ports const& ports, cloud::Cloud& place, std::vector<std::string> const& regions,
                 std::string const& id, bool json) {
  cloud::Found const found = place.machines(regions);
  for (cloud::Machine const& machine : found.machines) {
    if (machine.id != id || machine.state == "stray") continue;
    CML_TRY(output, place.console_output(machine));
    if (json)
      return ports.console.out(nlohmann::json{{"id", id}, {"state", machine.state}, {"output", output}}.dump(
                                   -1, ' ', false, nlohmann::json::error_handler_t::replace) +
                               "\n");
    if (output.empty())
      ports.console.log(LogLevel::Warn,
                        std::string(place.name()) + " keeps no output of " + id + " yet; it comes some minutes late");
    // A machine's words are not trusted: each is one clean line.
    std::string text;
    for (std::string const& line : split(output, '\n'))
      if (!trim(line).empty()) text += clean_line(line, 1000) + "\n";
    return ports.console.out(text);
  }
  if (!found.missing.empty())
    return Error(found.missing.front()).while_doing("looking for " + id + " in " + std::string(place.name()));
  return Error{ErrorKind::NotFound, std::string(place.name()) + " has no machine \"" + one_line(id, 60) +
                                        "\"; see cml runner list --cloud=" + std::string(place.name())};
}

}  // namespace cml::runner

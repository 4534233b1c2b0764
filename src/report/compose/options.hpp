// The options of a report: one table for the command line and for cml.yaml.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "report/compose/model.hpp"

namespace cml::report {

struct Option {
  enum class Kind { Text, Boolean, List, Words };
  std::string_view name;  // "fail-if": --fail-if on the line, fail-if in cml.yaml.
  Kind kind = Kind::Text;
  std::string_view value, help;  // For the help: what it takes, and what it does.
  Status (*apply)(Settings&, std::string const& value);
};
std::vector<Option> const& options();
std::vector<Option> const& config_options();  // Those that a cml.yaml alone has.

// The `report:` section of a cml.yaml into `settings`. Usage errors name line and key: "cml.yaml:7: ...".
Status read_config(std::string_view text, std::string const& name, Settings& settings);

}  // namespace cml::report

// Lines that people copy: shown by --help, in the manual pages and in docs/commands, whose pages a test holds to this.
#pragma once

#include <string_view>
#include <vector>

namespace cml {

struct Example {
  std::string_view line;  // "cml comment update report.md", as in a shell.
  std::string_view says;  // What it does, where the line does not say it; else empty.
};

// The most common ones first; none for a command that takes no more than its name.
std::vector<Example> const& examples_of(std::string_view command);

}  // namespace cml

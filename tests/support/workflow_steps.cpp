#include "support/workflow_steps.hpp"

#include "base/text.hpp"

namespace cml::test {

std::vector<std::string> run_steps(std::string_view workflow) {
  std::vector<std::string> steps;
  for (std::string const& line : split(workflow, '\n'))
    if (std::string_view const text = trim(line); text.starts_with("- run: "))
      steps.emplace_back(text.substr(std::string_view("- run: ").size()));
  return steps;
}

std::vector<std::string> script_of(std::string_view pipeline, std::string_view job) {
  std::vector<std::string> steps;
  bool in_job = false, in_script = false;
  for (std::string const& line : split(pipeline, '\n')) {
    if (!line.empty() && line[0] != ' ') in_job = line == std::string(job) + ":";
    bool const is_step = line.starts_with("    - ");
    if (!is_step) in_script = in_job && trim(line) == "script:";
    if (in_script && is_step) steps.emplace_back(line.substr(6));
  }
  return steps;
}

}  // namespace cml::test

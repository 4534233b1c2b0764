// The shell steps of a workflow file, without a YAML library: enough for the files in templates/ci.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cml::test {

// What "- run: COMMAND" steps of a workflow say, and the lines below "script:" of the job `job` in .gitlab-ci.yml.
std::vector<std::string> run_steps(std::string_view workflow);
std::vector<std::string> script_of(std::string_view pipeline, std::string_view job);

}  // namespace cml::test

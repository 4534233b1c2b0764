// What a child process is started with.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace cml {

// This process's environment as NAME=VALUE lines, without some names and with others added or replaced.
std::vector<std::string> child_environment(std::vector<std::string> const& without,
                                           std::vector<std::pair<std::string, std::string>> const& added);

// Names in this process's environment that hold credentials: by their own names (base/secret_names.hpp), and those
// whose value is such a credential or an address with it.
std::vector<std::string> inherited_secrets();

// For execve's arguments and environment: ends with a null pointer. Valid as long as the lines are.
std::vector<char*> null_terminated(std::vector<std::string>& lines);

}  // namespace cml

#include "platform/child_environment.hpp"

#include <unistd.h>

#include <map>
#include <string_view>

#include "base/secret_names.hpp"

namespace cml {

std::vector<std::string> child_environment(std::vector<std::string> const& without,
                                           std::vector<std::pair<std::string, std::string>> const& added) {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view const line(*entry);
    auto const equals = line.find('=');
    if (equals != std::string_view::npos) variables[std::string(line.substr(0, equals))] = line.substr(equals + 1);
  }
  for (std::string const& name : without) variables.erase(name);
  for (auto const& [name, value] : added) variables[name] = value;
  std::vector<std::string> lines;
  for (auto const& [name, value] : variables) lines.push_back(name + "=" + value);
  return lines;
}

std::vector<std::string> inherited_secrets() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view const line(*entry), name = line.substr(0, line.find('='));
    if (is_secret_name(name)) names.emplace_back(name);
  }
  return names;
}

std::vector<char*> null_terminated(std::vector<std::string>& lines) {
  std::vector<char*> result;
  for (std::string& line : lines) result.push_back(line.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace cml

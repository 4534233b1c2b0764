#include "platform/child_environment.hpp"

#include <unistd.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "base/secret_names.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

constexpr std::size_t kShortestSecret = 8;  // Shorter ones are words, which other variables may hold as well.

}  // namespace

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
  std::vector<std::string> names, values;
  auto const each = [](auto use) {
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
      std::string_view const line(*entry), name = line.substr(0, line.find('='));
      if (name.size() < line.size()) use(name, line.substr(name.size() + 1));
    }
  };
  each([&](std::string_view name, std::string_view value) {
    if (!is_secret_name(name)) return;
    names.emplace_back(name);
    if (value.size() >= kShortestSecret) values.emplace_back(value);
  });
  // GitLab's CI_REPOSITORY_URL is called no secret, and is "https://gitlab-ci-token:TOKEN@HOST/...". A proxy's login is
  // meant for children, and git's own variables for git.
  each([&](std::string_view name, std::string_view text) {
    if (is_secret_name(name) || to_lower(name).ends_with("_proxy") || name.starts_with("GIT_")) return;
    auto const holds = [&](std::string const& value) { return text == value || contains(text, value + "@"); };
    if (std::any_of(values.begin(), values.end(), holds)) names.emplace_back(name);
  });
  return names;
}

std::vector<char*> null_terminated(std::vector<std::string>& lines) {
  std::vector<char*> result;
  for (std::string& line : lines) result.push_back(line.data());
  result.push_back(nullptr);
  return result;
}

}  // namespace cml

#include "support/scripts.hpp"

#include <fstream>
#include <sstream>

#include "base/text.hpp"

namespace cml::test {

namespace fs = std::filesystem;

using nlohmann::json;

void put_script(std::filesystem::path const& path, std::string const& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << "#!/bin/bash\n" << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

std::string slurp(std::filesystem::path const& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string everything_below(fs::path const& folder) {
  std::string all;
  if (!fs::exists(folder)) return all;
  for (auto const& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all += slurp(entry.path()) + "\n";
  return all;
}

std::vector<json> runner_statuses(std::string const& log) {
  std::vector<json> found;
  for (std::string const& line : split(log, '\n')) {
    json body = json::parse(line, nullptr, false);
    if (body.is_object() && body.value("message", "") == "runner status") found.push_back(std::move(body));
  }
  return found;
}

std::string status_words(std::string const& log) {
  std::string text;
  for (json const& one : runner_statuses(log))
    text += (text.empty() ? "" : " ") + one["status"].get<std::string>() +
            (one.contains("job") ? ":" + one["job"].get<std::string>() : "");
  return text;
}

}  // namespace cml::test

// Programs that tests put in the place of real agents, what these leave behind, and the lines that cml prints about
// them.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace cml::test {

// An executable bash script; folders above it are made.
void put_script(std::filesystem::path const&, std::string const& text);
std::string slurp(std::filesystem::path const&);                    // Empty when there is no such file.
std::string everything_below(std::filesystem::path const& folder);  // What all its files hold.

// The "runner status" lines of a log, in order.
std::vector<nlohmann::json> runner_statuses(std::string const& log);
// "ready job_started:900 terminated": status by status, with the job's name where it has one.
std::string status_words(std::string const& log);

}  // namespace cml::test

// A repository of its own on branch main, for tests that make reports with the real binary.
#pragma once

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

namespace cml::test {

struct ReportProject {
  ReportProject() {
    git({"init", "-q", "-b", "main", "."});
    git({"config", "user.email", "a@b.test"});
    git({"config", "user.name", "A"});
    git({"config", "commit.gpgsign", "false"});
  }
  void put(std::string const& name, std::string_view bytes) {
    std::filesystem::create_directories((folder.path / name).parent_path());
    std::ofstream(folder.path / name, std::ios::binary) << bytes;
  }
  std::string get(std::string const& name) {
    std::stringstream text;
    text << std::ifstream(folder.path / name, std::ios::binary).rdbuf();
    return text.str();
  }
  std::string git(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "git");
    return program(std::move(arguments), "");
  }
  std::string md5(std::string const& bytes) { return program({"md5sum"}, bytes).substr(0, 32); }
  void commit() {
    git({"add", "-A"});
    git({"commit", "-q", "-m", "state"});
  }
  CmlRun run(std::vector<std::string> arguments) {
    return run_cml(std::move(arguments), folder.path, "", environment, "cml");
  }
  TemporaryFolder folder, elsewhere;
  std::map<std::string, std::string> environment{{"GIT_CONFIG_GLOBAL", "/dev/null"}};

 private:
  std::string program(std::vector<std::string> arguments, std::string input) {
    ProcessRequest request;
    request.arguments = std::move(arguments);
    request.directory = folder.path;
    request.input = std::move(input);
    request.environment = {{"GIT_CONFIG_GLOBAL", "/dev/null"}, {"GIT_CONFIG_SYSTEM", "/dev/null"}};
    SpawnedProcess process;
    auto const result = process.run(request);
    REQUIRE(result);
    INFO(result->err);
    REQUIRE(result->exit_code == 0);
    return std::string(trim(result->out));
  }
};

}  // namespace cml::test

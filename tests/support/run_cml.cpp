#include "support/run_cml.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

#include "platform/spawned_process.hpp"

namespace cml::test {

CmlRun run_cml(std::vector<std::string> arguments, std::filesystem::path const& folder, std::string input,
               std::map<std::string, std::string> environment, std::string program_name) {
  char const* binary = std::getenv("CML_BINARY");
  if (binary == nullptr) FAIL("CML_BINARY is not set: run through ctest, or set it to the built cml");
  ProcessRequest request;
  request.arguments = {"env", "-i"};
  environment.emplace("PATH", std::getenv("PATH"));
  environment.emplace("HOME", folder.string());
  environment.emplace("TZ", "UTC");
  for (auto const& [name, value] : environment) request.arguments.push_back(name + "=" + value);
  // The name decides what the binary does (argv[0]), so other names are links beside the test's files.
  std::filesystem::path program = binary;
  if (program_name != "cml") {
    std::filesystem::create_directories(folder / ".bin");
    program = folder / ".bin" / program_name;
    if (!std::filesystem::exists(std::filesystem::symlink_status(program))) std::filesystem::create_symlink(binary, program);
  }
  request.arguments.push_back(program.string());
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  request.directory = folder;
  request.input = std::move(input);
  request.timeout = std::chrono::seconds(120);
  SpawnedProcess process;
  auto const result = process.run(request);
  if (!result) FAIL(result.error().message);
  // No token ever shows, at no level.
  for (std::string const token : {"good-token", "read-only-token", "wrong-token"}) {
    CHECK(result->out.find(token) == std::string::npos);
    CHECK(result->err.find(token) == std::string::npos);
  }
  return {result->exit_code, result->out, result->err};
}

}  // namespace cml::test

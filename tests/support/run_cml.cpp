#include "support/run_cml.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"

namespace cml::test {

namespace {

std::vector<std::string> secrets_of(std::vector<std::string> const& arguments,
                                    std::map<std::string, std::string> const& environment) {
  std::vector<std::string> secrets{"good-token", "read-only-token", "wrong-token"};
  auto const add = [&](std::string const& value) {
    if (value.size() >= 6) secrets.push_back(value);
  };
  for (auto const& [name, value] : environment)
    for (std::string_view part : {"TOKEN", "_token", "SECRET", "PASSWORD", "CREDENTIALS_DATA"})
      if (contains(name, part)) add(value);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string const& word = arguments[i];
    for (std::string_view option : {"--token", "--driver-token"}) {
      if (word == option && i + 1 < arguments.size()) add(arguments[i + 1]);
      if (word.substr(0, option.size() + 1) == std::string(option) + "=") add(word.substr(option.size() + 1));
    }
  }
  return secrets;
}

}  // namespace

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
    if (!std::filesystem::exists(std::filesystem::symlink_status(program)))
      std::filesystem::create_symlink(binary, program);
  }
  request.arguments.push_back(program.string());
  request.arguments.insert(request.arguments.end(), arguments.begin(), arguments.end());
  request.directory = folder;
  request.input = std::move(input);
  request.timeout = std::chrono::seconds(120);
  SpawnedProcess process;
  auto const result = process.run(request);
  if (!result) FAIL(result.error().message);
  // No token ever shows, at no level: neither the fakes' nor what this run was given, as it is or as a header carries
  // it.
  for (std::string const& token : secrets_of(arguments, environment)) {
    for (std::string const& form : {token, base64_encode(token), base64_encode("x-access-token:" + token),
                                    base64_encode("oauth2:" + token), base64_encode("x-token-auth:" + token)}) {
      CHECK(result->out.find(form) == std::string::npos);
      CHECK(result->err.find(form) == std::string::npos);
    }
  }
  return {result->exit_code, result->out, result->err};
}

}  // namespace cml::test

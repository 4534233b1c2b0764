#include "support/contract_gate.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace cml::test {

std::unique_ptr<ContractGate> ContractGate::open(std::string const& document, std::string const& upstream) {
  char const* folder = std::getenv("CML_CONTRACTS_DIR");
  if (folder == nullptr || !std::filesystem::exists(std::string(folder) + "/node_modules")) {
    WARN("CML_CONTRACTS_DIR names no folder with node_modules: the contract gate is skipped, the fake answers alone");
    return nullptr;
  }
  std::unique_ptr<ContractGate> gate(new ContractGate);
  int const port = free_port();
  gate->url_ = "http://127.0.0.1:" + std::to_string(port);
  gate->log_ =
      (std::filesystem::temp_directory_path() / ("cml-gate-" + std::to_string(::getpid()) + "-" + std::to_string(port)))
          .string();
  std::string const root = folder;
  gate->process_ = std::make_unique<ChildProcess>(
      std::vector<std::string>{"node", root + "/tools/contract-proxy.mjs", std::to_string(port), root + "/" + document,
                               upstream, "--prefix=/api/v3", "--log=" + gate->log_},
      std::vector<std::string>{"CONTRACT_MODULES=" + root + "/package.json"});
  if (!gate->process_->started()) {
    WARN("node cannot be run: the contract gate is skipped, the fake answers alone");
    return nullptr;
  }
  if (!wait_until_listening(port))
    FAIL("the contract gate did not start");  // Reading GitHub's description takes node a few seconds.
  if (document != "github.openapi.json") return gate;
  // GraphQL is not in the description: a gate of its own stands before.
  int const front = free_port();
  gate->graphql_ =
      std::make_unique<ChildProcess>(std::vector<std::string>{"node", CML_SOURCE_DIR "/tests/support/graphql_gate.mjs",
                                                              std::to_string(front), upstream, gate->url_, gate->log_},
                                     std::vector<std::string>{"CONTRACT_MODULES=" + root + "/package.json"});
  if (!wait_until_listening(front)) FAIL("the GraphQL gate did not start");
  gate->url_ = "http://127.0.0.1:" + std::to_string(front);
  return gate;
}

ContractGate::~ContractGate() {
  graphql_.reset();
  process_.reset();
  std::error_code ignored;
  std::filesystem::remove(log_, ignored);
}

std::string ContractGate::violations() const {
  std::ifstream log(log_);
  std::string text, line;
  while (std::getline(log, line))
    if (line.find("\"contract\"") != std::string::npos) text += line + "\n";
  return text;
}

}  // namespace cml::test

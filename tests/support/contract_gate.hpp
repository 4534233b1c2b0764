// The gate between a client and a fake: checks both sides against a forge's own OpenAPI description.
#pragma once

#include <memory>
#include <string>

#include "support/child_process.hpp"

namespace cml::test {

class ContractGate {
 public:
  // Null, with a WARN line, when CML_CONTRACTS_DIR is unset or node is missing.
  static std::unique_ptr<ContractGate> open(std::string const& document, std::string const& upstream);
  ~ContractGate();
  std::string url() const { return url_; }
  std::string violations() const;  // The log lines that name one; empty when all went well.

 private:
  ContractGate() = default;
  std::string url_, log_;
  std::unique_ptr<ChildProcess> process_, graphql_;
};

}  // namespace cml::test

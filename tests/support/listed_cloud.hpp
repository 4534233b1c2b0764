#pragma once

#include "cloud/cloud.hpp"

namespace cml::test {

// A cloud that knows these machines.
struct ListedCloud : cloud::Cloud {
  std::string_view name() const override { return "aws"; }
  Result<cloud::Plan> plan(cloud::MachineWanted const&) override { return Error{ErrorKind::Bug, "not planned"}; }
  cloud::Found machines(std::vector<std::string> const&) override { return {all, {}}; }
  Status remove(cloud::Machine const& machine) override {
    std::erase_if(all, [&](cloud::Machine const& one) { return one.id == machine.id; });
    return ok();
  }
  Result<std::string> console_output(cloud::Machine const&) override { return std::string(); }
  Result<cloud::Machine> look(cloud::Machine const& machine) override { return machine; }
  std::vector<cloud::Machine> all;
};

}  // namespace cml::test

// Programs started without a shell, their streams collected.
#pragma once

#include "ports/process.hpp"

namespace cml {

class SpawnedProcess : public Process {
 public:
  Result<ProcessResult> run(ProcessRequest const&) override;
};

}  // namespace cml

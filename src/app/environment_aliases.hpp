// CML's older variable names for single options, consulted when flags are filled; the environment is never rewritten.
#pragma once

#include <string_view>

namespace cml {

struct EnvironmentAlias {
  std::string_view variable;  // What old pipelines set.
  std::string_view stands_for;
};

// Table: from CML's own list (single names; whole prefixes are in the command table).
constexpr EnvironmentAlias kEnvironmentAliases[] = {
    {"TB_CREDENTIALS", "CML_TENSORBOARD_CREDENTIALS"},
    {"DOCKER_MACHINE", "CML_RUNNER_DOCKER_MACHINE"},
    {"RUNNER_IDLE_TIMEOUT", "CML_RUNNER_IDLE_TIMEOUT"},
    {"RUNNER_LABELS", "CML_RUNNER_LABELS"},
    {"RUNNER_SINGLE", "CML_RUNNER_SINGLE"},
    {"RUNNER_REUSE", "CML_RUNNER_REUSE"},
    {"RUNNER_NO_RETRY", "CML_RUNNER_NO_RETRY"},
    {"RUNNER_DRIVER", "CML_RUNNER_DRIVER"},
    {"RUNNER_REPO", "CML_RUNNER_REPO"},
    {"RUNNER_PATH", "CML_RUNNER_PATH"},
};

}  // namespace cml

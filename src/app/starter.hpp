// A first pipeline for a repository, from what lies in it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace cml {

// What was found in the repository.
struct RepositoryTools {
  bool python = false;                // requirements.txt, pyproject.toml or setup.py.
  bool dvc = false;                   // dvc.yaml
  std::string requirements, trainer;  // "requirements.txt"; "train.py"
  std::vector<std::string> metrics, params, plots;
};

// The pipelines that can be made: for which forge, and where it is read from.
struct StarterType {
  std::string_view forge, template_name, file;
};
inline constexpr StarterType kStarters[] = {
    {"github", "github.yml", ".github/workflows/cml.yml"},
    {"gitea", "gitea.yml", ".gitea/workflows/cml.yml"},
    {"gitlab", "gitlab.yml", ".gitlab-ci.yml"},
    {"bitbucket", "bitbucket.yml", "bitbucket-pipelines.yml"},
};
// Null: there is none for it.
StarterType const* starter_for(std::string_view forge);

// The commands of the job before the report, and the report's own.
struct StarterCommands {
  std::vector<std::string> before;
  std::string report;
};
StarterCommands commands_for(RepositoryTools const&);

// The pipeline's text. `repository` is our home as "OWNER/NAME", `install` the URL of install.sh.
std::string starter_text(StarterType const&, RepositoryTools const&, std::string const& repository,
                         std::string const& install);

}  // namespace cml

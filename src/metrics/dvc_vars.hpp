// The "${name}" of a dvc.yaml: values of params.yaml, of `vars`, and of what a stage is repeated over.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/value.hpp"

namespace cml::metrics {

// The tree of a file that `vars` names, by its path in the dvc.yaml; nothing when it cannot be read.
using LoadVars = std::function<std::optional<Node>(std::string const& file)>;

class DvcVars {
 public:
  // params.yaml, then what the top of the dvc.yaml says; what comes later counts before what came earlier.
  DvcVars(Node const& tree, LoadVars load);
  // With a stage's own `vars`.
  DvcVars within(Node const& stage) const;
  // With `item` and `key`, one for each round of the stage's `foreach` or `matrix`; just this when the stage is not
  // repeated.
  std::vector<DvcVars> rounds(Node const& stage) const;
  // The text with every "${name}" that is known replaced; the others stay as they are.
  std::string resolved(std::string_view text) const;

 private:
  void add(Node const* vars);
  Node const* find(std::string_view path) const;
  Node const* referred(Node const* node) const;

  LoadVars load_;
  std::vector<std::shared_ptr<Node const>> scopes_;  // Shared by all rounds.
};

}  // namespace cml::metrics

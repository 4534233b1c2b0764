// Opening a pull request once, whatever the wire does: the one between two branches is looked for before it is asked
// for again.
#pragma once

#include "forge/forge.hpp"

namespace cml {

struct OpenedPullRequest {
  PullRequest pull;
  bool created = false;  // False: it was open before.
};
Result<OpenedPullRequest> open_pull_request(Forge&, PullRequestDraft const&);

}  // namespace cml

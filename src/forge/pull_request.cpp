#include "forge/pull_request.hpp"

namespace cml {

Result<OpenedPullRequest> open_pull_request(Forge& forge, PullRequestDraft const& draft) {
  constexpr int kAttempts = 3;
  for (int attempt = 1;; ++attempt) {
    CML_TRY(found, forge.find_pull_request(draft.source, draft.target));
    // After a first attempt that got no answer it is ours.
    if (found) return OpenedPullRequest{std::move(*found), attempt > 1};
    auto created = forge.create_pull_request(draft);
    if (created) return OpenedPullRequest{std::move(created).value(), true};
    ErrorKind const kind = created.error().kind;
    // No answer, or another job of the same commit was faster.
    bool const look_again = kind == ErrorKind::Network || kind == ErrorKind::Conflict || kind == ErrorKind::BadInput;
    if (!look_again || attempt == kAttempts) return std::move(created).error();
    if (kind != ErrorKind::Network) {
      CML_TRY(other, forge.find_pull_request(draft.source, draft.target));
      if (other) return OpenedPullRequest{std::move(*other), false};
      return std::move(created).error();
    }
  }
}

}  // namespace cml

// Puts a report on a thread: plans (post_plan.hpp), acts, and looks again, since other jobs may post at the same time.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.hpp"
#include "forge/forge.hpp"
#include "ports/clock.hpp"
#include "ports/random.hpp"
#include "report/post_plan.hpp"

namespace cml {

struct PostRequest {
  CommentTarget target = PullRequestTarget{};
  std::string content;             // Without notes and mark.
  std::vector<std::string> notes;  // watermark.hpp
  std::optional<Watermark> mark = Watermark{};
  PostMode mode = PostMode::New;
  Oversize oversize = Oversize::Truncate;
  // Attach: puts the whole text where files go; gives its address. Called when a comment is too long.
  std::function<Result<std::string>(std::string const& whole)> store_whole;
  std::optional<std::vector<Comment>> thread;  // When the caller has read it already.
};

struct PostResult {
  enum class Action { Created, Updated, Unchanged, Deleted, Nothing };
  Action action = Action::Nothing;
  Comment comment;  // The first one that was written; empty when deleted.
  std::size_t parts = 1;
  std::vector<std::string> not_done;  // An old comment that could not be hidden or deleted, and why.
  std::optional<Error> cut_short;     // The report's other parts could not be posted.
};
inline constexpr Choice<PostResult::Action> kPostActions[] = {
    {"created", PostResult::Action::Created},     {"updated", PostResult::Action::Updated},
    {"unchanged", PostResult::Action::Unchanged}, {"deleted", PostResult::Action::Deleted},
    {"nothing", PostResult::Action::Nothing},
};

// What the request asks of the forge that it has not, before any file is sent.
Status check_post(Forge const&, PostRequest const&);

// Jobs that post at once agree: of several new comments with one title the first stays and shows the last report, and
// what each job appends is there in the end. An appending job waits some seconds and looks whether its part is there;
// no forge can change a comment on a condition, so a job that is killed meanwhile may lose its part.
Result<PostResult> post_comment(Forge&, PostRequest const&, Clock&, Random&, Diagnostics&);

}  // namespace cml

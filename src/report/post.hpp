// Puts a finished body on a thread: a new comment, or the one that carries the same watermark.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/diagnostics.hpp"
#include "forge/forge.hpp"
#include "report/watermark.hpp"

namespace cml {

enum class PostMode { New, Update, Recreate, HideAndNew, Append, Prepend, Delete };
enum class Oversize {
  Truncate,
  Split,
  Collapse,
  Attach,
  Error
};  // Collapse: split, and all parts but the first folded.

struct PostRequest {
  CommentTarget target = PullRequestTarget{};
  std::string body;  // Without watermark.
  bool watermark = true;
  Watermark mark;
  PostMode mode = PostMode::New;
  Oversize oversize = Oversize::Truncate;
  // Attach: puts the whole body where files go; gives its address. Called once, when the body is too long.
  std::function<Result<std::string>(std::string const& body)> attach;
  std::optional<std::vector<Comment>> existing;  // The thread, when the caller has read it already.
};
// True for modes that look for older comments.
constexpr bool searches(PostMode mode) { return mode != PostMode::New; }

struct PostResult {
  enum class Action { Created, Updated, Unchanged, Deleted, Nothing };
  Action action = Action::Nothing;
  Comment comment;  // The first one of several parts; empty when deleted.
  std::size_t parts = 1;
};

// What the request asks of the forge that it has not, before any file is sent.
Status check_post(Forge const&, PostRequest const&);
Result<PostResult> post_comment(Forge&, PostRequest const&, Diagnostics&);
std::string_view name_of(PostResult::Action);

}  // namespace cml

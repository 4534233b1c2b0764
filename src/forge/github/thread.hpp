// Threads of comments, and whose each comment is: GraphQL tells that in the same breath, to every kind of token.
#pragma once

#include "forge/author.hpp"
#include "forge/forge.hpp"
#include "forge/github/api.hpp"

namespace cml::github {

// Below the repository: "/issues/7/comments", "/commits/SHA/comments".
std::string thread_path(CommentTarget const&);

// A comment as the REST API tells it.
Result<ListedComment> comment_from(HttpRequest const& asked, nlohmann::json const& object);

// The wanted comments, oldest first: one query for a thread of up to a hundred. A longer one takes a second query for
// its oldest hundred and, beside that, REST pages, which may be asked for in parallel as GraphQL's may not. Without
// `keep`, what is hidden or may be changed is told of the two ends alone.
Result<std::vector<Comment>> read_thread(Api const&, CommentTarget const&, KeepComment const&, Beside*);

}  // namespace cml::github

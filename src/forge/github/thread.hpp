// Threads of comments, and whose each comment is: GraphQL tells that in the same breath, to every kind of token.
#pragma once

#include <string>

#include "forge/author.hpp"
#include "forge/forge.hpp"
#include "forge/github/api.hpp"

namespace cml::github {

// Below the repository: "/issues/7/comments", "/commits/SHA/comments".
std::string thread_path(CommentTarget const&);

// A comment as the REST API tells it.
Result<ListedComment> comment_from(HttpRequest const& asked, nlohmann::json const& object);

// What a thread held when it was last read whole, for another look by the same process and with the same `keep`: what
// was not wanted then is not read again, so that a look at what came since is one query, however long the thread.
struct ThreadMemory {
  std::string path;       // Of the thread; empty: none was read.
  long long newest = 0;   // Number of its newest comment then.
  long long oldest_kept;  // Number of the oldest one that was wanted; only where there was one.
  bool kept_any = false;
};

// The wanted comments, oldest first: one query for a thread of up to a hundred. A longer one takes a second query for
// its oldest hundred and, beside that, REST pages, which may be asked for in parallel as GraphQL's may not. Without
// `keep`, what is hidden or may be changed is told of the two ends alone.
Result<std::vector<Comment>> read_thread(Api const&, CommentTarget const&, KeepComment const&, Beside*, ThreadMemory&);

}  // namespace cml::github

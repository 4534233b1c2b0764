// Whose comments are: a forge that does not say so itself is asked once who the token is. A token that may not ask is
// told by the kind of author: what a bot wrote is taken for its own, what a person wrote never.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "forge/json_api.hpp"

namespace cml {

// A comment as a list tells it.
struct ListedComment {
  Comment comment;
  std::string author_id;    // As the forge names its users; empty: nobody who could be asked for.
  bool by_machine = false;  // By a bot, an app or a job, as far as the forge tells.
};

// Whom a token stands for, by its looks.
enum class TokenKind { Person, Machine, Untold };

class Viewer {
 public:
  // `id_of` reads the user from the answer, in the words of `ListedComment::author_id`.
  Viewer(TokenKind kind, Explain explain, std::function<std::string(nlohmann::json const&)> id_of,
         std::function<void(std::string const&)> notify)
      : kind_(kind), explain_(explain), id_of_(std::move(id_of)), notify_(std::move(notify)) {}

  // False once the question has been answered, or refused.
  bool must_ask() const { return !asked_; }
  // Network or RateLimited when nothing can be said for now. A refusal is an answer, and is told in the log.
  Status take(HttpRequest const& asked, Result<HttpResponse> const& answer);
  // Whoever wrote what this token has just posted is who it is.
  void learn(std::string const& author_id);
  // The comments with their authors. Without an answer taken before, all are told by their kind.
  std::vector<Comment> judge(std::vector<ListedComment>) const;

 private:
  Comment::Author author_of(ListedComment const&) const;

  TokenKind kind_;
  Explain explain_;
  std::function<std::string(nlohmann::json const&)> id_of_;
  std::function<void(std::string const&)> notify_;
  bool asked_ = false;
  std::string id_;  // Empty: not told.
};

// A comment that this token has just written.
Result<Comment> written_by(Viewer&, Result<ListedComment>);

// `changed` as the forge tells it after a change, whose it is as before.
Comment with_author_of(Comment const& before, Comment changed);

// A thread that `list` reads, with its authors; the question who the token is (`question`) goes out beside the first
// page when it has not been answered, and its answer counts only where a comment was wanted.
using TakeListed = std::function<Status(Result<ListedComment>)>;
Result<std::vector<Comment>> read_thread(Viewer&, HttpRequest const& question, KeepComment const& keep,
                                         std::function<Status(Beside*, TakeListed const&)> const& list);

}  // namespace cml

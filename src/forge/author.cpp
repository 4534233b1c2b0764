#include "forge/author.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace cml {

Status Viewer::take(HttpRequest const& asked, Result<HttpResponse> const& answer) {
  auto user = read_json(asked, answer, explain_);
  if (user) {
    id_ = id_of_(*user);
    if (id_.empty()) user = lacks(asked, "no user");
  }
  if (!user) {
    bool const passes = user.error().kind == ErrorKind::Network || user.error().kind == ErrorKind::Unreachable ||
                        user.error().kind == ErrorKind::RateLimited || user.error().kind == ErrorKind::Untrusted;
    if (passes) return std::move(user).error();
    if (notify_)
      notify_("the token may not ask who it is, so its comments are told by the kind of their author: " +
              user.error().message);
  }
  asked_ = true;
  return ok();
}

void Viewer::learn(std::string const& author_id) {
  if (author_id.empty()) return;
  id_ = author_id;
  asked_ = true;
}

Comment::Author Viewer::author_of(ListedComment const& listed) const {
  using Author = Comment::Author;
  if (!id_.empty()) return listed.author_id == id_ ? Author::Me : Author::Other;
  if (listed.by_machine) return kind_ == TokenKind::Person ? Author::Other : Author::Me;
  return kind_ == TokenKind::Machine ? Author::Other : Author::Unknown;
}

std::vector<Comment> Viewer::judge(std::vector<ListedComment> listed) const {
  std::vector<Comment> comments;
  comments.reserve(listed.size());
  for (ListedComment& one : listed) {
    one.comment.author = author_of(one);
    comments.push_back(std::move(one.comment));
  }
  return comments;
}

Result<Comment> written_by(Viewer& viewer, Result<ListedComment> listed) {
  if (!listed) return std::move(listed).error();
  viewer.learn(listed->author_id);
  listed->comment.author = Comment::Author::Me;
  return std::move(listed->comment);
}

Comment with_author_of(Comment const& before, Comment changed) {
  changed.author = before.author;
  changed.author_name = before.author_name;
  changed.editable = before.editable;
  changed.hidden = before.hidden;
  return changed;
}

Result<std::vector<Comment>> read_thread(Viewer& viewer, HttpRequest const& question, KeepComment const& keep,
                                         std::function<Status(Beside*, TakeListed const&)> const& list) {
  std::vector<ListedComment> kept;
  std::optional<Beside> beside;
  if (viewer.must_ask()) beside.emplace(Beside{question});
  CML_CHECK_OK(list(beside ? &*beside : nullptr, [&](Result<ListedComment> listed) -> Status {
    if (!listed) return std::move(listed).error();
    if (!keep || keep(listed->comment)) kept.push_back(std::move(listed).value());
    return ok();
  }));
  if (beside && !kept.empty()) CML_CHECK_OK(viewer.take(beside->request, beside->answer));
  return viewer.judge(std::move(kept));
}

}  // namespace cml

#include "report/post.hpp"

#include "base/text.hpp"
#include "report/oversize.hpp"

#include <algorithm>

namespace cml {
namespace {

// The parts of a split report carry their number in the watermark, so that each is found again.
std::string part_title(std::string const& title, std::size_t part) {
  return part == 0 ? title : std::string(trim(title + " part " + std::to_string(part + 1)));
}

class Poster {
 public:
  Poster(Forge& forge, PostRequest const& request, Diagnostics& diagnostics)
      : forge_(forge), request_(request), diagnostics_(diagnostics) {}
  Result<PostResult> run();

 private:
  std::string decorated(std::string const& body, std::size_t part) const {
    Watermark mark = request_.mark;
    mark.title = part_title(mark.title, part);
    return request_.watermark ? with_watermark(body, mark) : body;
  }
  std::vector<Comment> found(std::size_t part) const {
    std::vector<Comment> result;
    for (Comment const& comment : existing_)
      if (has_watermark(comment.body, part_title(request_.mark.title, part))) result.push_back(comment);
    return result;
  }
  Result<std::vector<std::string>> bodies(std::string const& body, std::size_t limit);
  Result<PostResult> put(std::string const& body, std::size_t part);
  Result<PostResult> put_all(std::string const& body);

  Forge& forge_;
  PostRequest const& request_;
  Diagnostics& diagnostics_;
  std::vector<Comment> existing_;
  std::string full_url_;  // Of the attached whole report.
};

Result<std::vector<std::string>> Poster::bodies(std::string const& body, std::size_t limit) {
  std::size_t const marks = request_.watermark ? utf8_length(decorated("", 99'998)) : 0;
  std::size_t const room = limit > marks ? limit - marks : 0;
  std::size_t const length = utf8_length(body);
  if (length <= room) return std::vector<std::string>{body};
  std::string const facts = "the report has " + std::to_string(length) + " characters; " + std::string(forge_.name()) +
                            " takes " + std::to_string(room);
  if (request_.oversize == Oversize::Error)
    return Error{ErrorKind::TooLarge, facts + "; shorten it, or use --on-oversize truncate, split, collapse or attach"};
  if (request_.oversize == Oversize::Split || request_.oversize == Oversize::Collapse) {
    bool const fold = request_.oversize == Oversize::Collapse && forge_.capabilities().folds;
    auto parts = fold ? folded_parts(body, room) : split_body(body, room);
    diagnostics_.warn("", facts + "; it is split over " + std::to_string(parts.size()) + " comments");
    return parts;
  }
  if (request_.oversize == Oversize::Attach && request_.attach) {
    if (full_url_.empty()) {
      CML_TRY(url, request_.attach(body));
      full_url_ = std::move(url);
    }
    diagnostics_.warn("", facts + "; it is cut and links to the whole");
  } else {
    diagnostics_.warn("", facts + "; it is cut (--on-oversize split, collapse or attach would keep all of it)");
  }
  return std::vector<std::string>{truncated(body, room, full_url_)};
}

Result<PostResult> Poster::put(std::string const& body, std::size_t part) {
  std::string const text = decorated(body, part);
  bool const in_place =
      request_.mode == PostMode::Update || request_.mode == PostMode::Append || request_.mode == PostMode::Prepend;
  auto const before = in_place ? found(part) : std::vector<Comment>{};
  if (!before.empty()) {
    Comment const& last = before.back();
    if (last.body == text) return PostResult{PostResult::Action::Unchanged, last, 1};
    auto updated = forge_.update_comment(request_.target, last, text);
    if (updated) return PostResult{PostResult::Action::Updated, *updated, 1};
    if (updated.error().kind != ErrorKind::NotFound) return std::move(updated).error();
    // Somebody deleted it meanwhile: a new one takes its place.
  }
  CML_TRY(created, forge_.create_comment(request_.target, text));
  return PostResult{PostResult::Action::Created, created, 1};
}

Result<PostResult> Poster::put_all(std::string const& body) {
  std::size_t limit = forge_.capabilities().comment_limit;
  for (int attempt = 0;; ++attempt) {
    CML_TRY(parts, bodies(body, limit));
    auto first = put(parts[0], 0);
    if (!first) {
      // The server's limit is lower than what we know: react to the refusal, but not for ever.
      if (first.error().kind == ErrorKind::TooLarge && attempt < 3 && request_.oversize != Oversize::Error) {
        limit = std::min(limit, utf8_length(parts[0])) / 2;
        continue;
      }
      return std::move(first).error();
    }
    PostResult result = std::move(first).value();
    for (std::size_t part = 1; part < parts.size(); ++part) {
      auto posted = put(parts[part], part);
      if (!posted)
        return std::move(posted).error().while_doing("part " + std::to_string(part + 1) + " of " +
                                                     std::to_string(parts.size()));
    }
    result.parts = parts.size();
    if (request_.mode == PostMode::Update) {  // Parts that the report no longer has.
      for (std::size_t part = parts.size();; ++part) {
        auto const old = found(part);
        if (old.empty()) break;
        for (Comment const& comment : old) CML_CHECK_OK(forge_.delete_comment(request_.target, comment));
      }
    }
    return result;
  }
}

Result<PostResult> Poster::run() {
  CML_CHECK_OK(check_post(forge_, request_));
  if (request_.existing) {
    existing_ = *request_.existing;
  } else if (searches(request_.mode)) {
    CML_TRY(all, forge_.comments(request_.target));
    existing_ = std::move(all);
  }
  std::vector<Comment> const old = found(0);
  switch (request_.mode) {
    case PostMode::New:
    case PostMode::Update:
      return put_all(request_.body);
    case PostMode::Append:
    case PostMode::Prepend: {
      if (old.empty()) return put_all(request_.body);
      std::string const before(without_watermark(old.back().body));
      return put_all(request_.mode == PostMode::Append ? before + "\n\n" + request_.body
                                                       : request_.body + "\n\n" + before);
    }
    case PostMode::Recreate:
    case PostMode::HideAndNew: {
      CML_TRY(result, put_all(request_.body));  // First the new one, so that a failure loses nothing.
      for (std::size_t part = 0;; ++part) {
        auto const outdated = found(part);
        if (outdated.empty()) break;
        for (Comment const& comment : outdated)
          CML_CHECK_OK(request_.mode == PostMode::Recreate ? forge_.delete_comment(request_.target, comment)
                                                           : forge_.hide_comment(comment));
      }
      return result;
    }
    case PostMode::Delete: {
      PostResult result;
      for (std::size_t part = 0;; ++part) {
        auto const outdated = found(part);
        if (outdated.empty()) break;
        for (Comment const& comment : outdated) CML_CHECK_OK(forge_.delete_comment(request_.target, comment));
        result.action = PostResult::Action::Deleted;
      }
      return result;
    }
  }
  return Error{ErrorKind::Bug, "unknown mode"};
}

}  // namespace

Status check_post(Forge const& forge, PostRequest const& request) {
  if (searches(request.mode) && !request.watermark)
    return Error{ErrorKind::Usage, "watermarks are mandatory for updatable comments; leave --rm-watermark out"};
  if (request.mode == PostMode::HideAndNew && !forge.capabilities().hide_comments)
    return Error{ErrorKind::Unsupported,
                 std::string(forge.name()) + " cannot hide comments; use --mode recreate or update"};
  if (std::holds_alternative<CommitTarget>(request.target) && !forge.capabilities().commit_comments)
    return Error{ErrorKind::Unsupported,
                 std::string(forge.name()) + " has no comments on commits; use --target pr or issue/N"};
  if (std::holds_alternative<IssueTarget>(request.target) && !forge.capabilities().issue_comments)
    return Error{ErrorKind::Unsupported,
                 std::string(forge.name()) + " has no comments on issues; use --target pr/NUMBER or commit"};
  return ok();
}

Result<PostResult> post_comment(Forge& forge, PostRequest const& request, Diagnostics& diagnostics) {
  return Poster(forge, request, diagnostics).run();
}

std::string_view name_of(PostResult::Action action) {
  switch (action) {
    case PostResult::Action::Created:
      return "created";
    case PostResult::Action::Updated:
      return "updated";
    case PostResult::Action::Unchanged:
      return "unchanged";
    case PostResult::Action::Deleted:
      return "deleted";
    case PostResult::Action::Nothing:
      return "nothing";
  }
  return "nothing";
}

}  // namespace cml

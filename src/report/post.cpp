#include "report/post.hpp"

#include <algorithm>
#include <set>

#include "base/text.hpp"

namespace cml {
namespace {

using Kind = PostAction::Kind;
using Action = PostResult::Action;
using std::chrono::milliseconds;

constexpr int kSmallerLimits = 3;                        // Tries when the server takes less than we know.
constexpr milliseconds kLongestSettling{3 * 60 * 1000};  // For an appended part to stay.
constexpr int kLooksAtChanges = 5;                       // While others change a comment that has our part.
constexpr int kRounds = 30;                              // Of looking for the comment that stays.

// Ids grow with time, also those that are longer than our numbers.
bool is_older(Comment const& one, Comment const& other) {
  return one.id.size() != other.id.size() ? one.id.size() < other.id.size() : one.id < other.id;
}

std::string hex(std::uint64_t number) {
  std::string digits;
  for (int i = 0; i < 16; ++i, number >>= 4) digits.insert(digits.begin(), "0123456789abcdef"[number & 15]);
  return digits;
}

class Poster {
 public:
  Poster(Forge& forge, PostRequest const& request, Clock& clock, Random& random, Diagnostics& diagnostics)
      : forge_(forge),
        request_(request),
        clock_(clock),
        random_(random),
        diagnostics_(diagnostics),
        limit_(forge.capabilities().comment_limit),
        notes_(request.notes) {}

  Result<PostResult> run() {
    CML_CHECK_OK(check_post(forge_, request_));
    bool const grows = request_.mode == PostMode::Append || request_.mode == PostMode::Prepend;
    if (grows) notes_.push_back("[cml-add-" + hex(random_.next()) + "]: #");
    // What grows is read anew: while files were stored other jobs may have added to it.
    if (request_.thread && !grows) {
      thread_ = *request_.thread;
    } else if (searches(request_.mode)) {
      CML_CHECK_OK(look());
    }
    for (Comment const& comment : thread_)
      if (comment.author == Comment::Author::Me) before_.insert(comment.id);
    auto const strangers = remark_on_strangers();
    CML_CHECK_OK(act());
    if (!result_.cut_short) {
      if (grows) {
        // What is posted is told all the same.
        if (auto const kept = keep_added(); !kept) result_.cut_short = Error(kept.error());
      } else if (request_.mode == PostMode::Update && made_.empty()) {
        stay();
      } else if (searches(request_.mode) && !made_.empty()) {
        agree();
      }
    }
    // Whose the others are may have been learned from what was posted.
    auto const known_now = strangers ? remark_on_strangers() : std::nullopt;
    for (std::string const& remark : remarks_)
      if (remark != strangers)
        diagnostics_.warn("", remark);
      else if (known_now)
        diagnostics_.warn("", *known_now);
    return std::move(result_);
  }

 private:
  Status look() {
    CML_TRY(all, forge_.comments(request_.target, concerns_us));
    thread_ = std::move(all);
    return ok();
  }
  std::vector<OwnComment> own() const { return own_comments(thread_, request_.mark->title); }
  std::optional<std::string> remark_on_strangers() const {
    return request_.mark && searches(request_.mode) ? cml::remark_on_strangers(thread_, request_.mark->title)
                                                    : std::nullopt;
  }

  PlanRequest plan_request() const {
    return {request_.content,
            notes_,
            request_.mark,
            request_.mode,
            request_.oversize,
            limit_,
            forge_.capabilities().folds,
            forge_.name(),
            whole_url_};
  }
  Result<PostPlan> plan() {
    CML_TRY(planned, plan_post(thread_, plan_request()));
    if (!planned.unstored || !request_.store_whole) return planned;
    CML_TRY(url, request_.store_whole(*planned.unstored));
    whole_url_ = std::move(url);
    return plan_post(thread_, plan_request());
  }

  // One plan after the other until one has been carried out. A comment that may not be edited, or is gone, is left out
  // of the next plan; what has been written counts in it as what is there.
  Status act() {
    for (int smaller = 0;;) {
      CML_TRY(planned, plan());
      written_.clear();
      made_.clear();
      bool again = false;
      for (PostAction const& action : planned.actions) {
        auto const done = carry_out(action);
        if (done) continue;
        Error const& error = done.error();
        bool const refused = error.kind == ErrorKind::Forbidden || error.kind == ErrorKind::NotFound;
        bool const replannable = written_.empty() || request_.mode == PostMode::Update;
        if (action.kind == Kind::Edit && refused && replannable) {
          pass_over(action.comment);
          again = true;
        } else if (error.kind == ErrorKind::TooLarge && written_.empty() && smaller < kSmallerLimits &&
                   request_.oversize != Oversize::Error) {
          ++smaller;
          limit_ = std::min(limit_, utf8_length(action.body)) / 2;
          again = true;
        } else if (written_.empty()) {
          return Error(error);
        } else {
          result_.cut_short = Error(error).while_doing("part " + std::to_string(written_.size() + 1) + " of " +
                                                       std::to_string(planned.parts));
        }
        break;
      }
      if (again) continue;
      for (std::string const& remark : planned.remarks)
        if (std::find(remarks_.begin(), remarks_.end(), remark) == remarks_.end()) remarks_.push_back(remark);
      result_.parts = planned.parts;
      return ok();
    }
  }

  Status carry_out(PostAction const& action) {
    switch (action.kind) {
      case Kind::Create: {
        CML_TRY(comment, forge_.create_comment(request_.target, action.body));
        comment.body = action.body;
        comment.author = Comment::Author::Me;
        thread_.push_back(comment);
        made_.push_back(comment);
        return note(std::move(comment), Action::Created), ok();
      }
      case Kind::Edit: {
        CML_TRY(comment, forge_.update_comment(request_.target, action.comment, action.body));
        for (Comment& one : thread_)
          if (one.id == action.comment.id) one.body = action.body;
        return note(std::move(comment), Action::Updated), ok();
      }
      case Kind::Keep:
        return note(action.comment, Action::Unchanged), ok();
      case Kind::Hide:
        return take_away(action, "hidden", forge_.hide_comment(action.comment));
      case Kind::Delete:
        return take_away(action, "deleted", forge_.delete_comment(request_.target, action.comment));
    }
    return ok();
  }

  void note(Comment comment, Action action) {
    if (written_.empty()) {
      if (result_.action != Action::Created) result_.action = action;
      result_.comment = comment;
    } else if (result_.action == Action::Unchanged) {
      result_.action = Action::Updated;
    }
    written_.push_back(std::move(comment));
  }

  // The report is out: what cannot be taken away is said, and no reason to fail. Where nothing else was asked for it
  // is.
  Status take_away(PostAction const& action, std::string_view what, Status const& done) {
    if (!done && done.error().kind != ErrorKind::NotFound) {
      if (request_.mode == PostMode::Delete && result_.action == Action::Nothing) return Error(done.error());
      result_.not_done.push_back("comment " + action.comment.url + " is not " + std::string(what) + ": " +
                                 done.error().message);
      return ok();
    }
    if (request_.mode == PostMode::Delete) result_.action = Action::Deleted;
    return ok();
  }

  void pass_over(Comment const& comment) {
    for (Comment& one : thread_)
      if (one.id == comment.id) one.editable = false;
  }

  // What we have changed may be one of several that jobs of this commit have made at once, all but the oldest of which
  // are about to go: then it is posted again, to the one that stays.
  void stay() {
    for (int round = 0; round < kLooksAtChanges && has_twins(); ++round) {
      if (!forge_.capabilities().concurrent_writers) return;
      clock_.sleep_for(milliseconds(2000 + static_cast<long>(random_.next() % 2000)));
      auto const seen = written_;
      auto done = look();
      bool const there = std::all_of(seen.begin(), seen.end(), [&](Comment const& one) {
        return std::any_of(thread_.begin(), thread_.end(), [&](Comment const& other) { return other.id == one.id; });
      });
      if (done && there) return;
      if (done) done = act();
      if (!done) {
        result_.not_done.push_back("whether other jobs took the report away was not seen: " + done.error().message);
        return;
      }
      if (!made_.empty()) return agree();
    }
  }
  // True when the comment that we have written last is not the only one of this commit.
  bool has_twins() const {
    auto const all = own();
    return std::count_if(all.begin(), all.end(), [&](OwnComment const& one) {
             return one.text.mark.part == 1 && !one.comment.hidden && one.text.mark.sha == request_.mark->sha;
           }) > 1;
  }

  // Several jobs may have found no comment and made one each: the oldest of them stays and shows what was posted last.
  // Where older comments make way for a new one, they make way for the newest. Whoever posted last tidies up, and the
  // others take away their own at most, so that a crowd writes little.
  void agree() {
    std::vector<Comment> open(made_);  // One for each part of the report.
    for (int round = 0; !open.empty(); ++round) {
      auto const looked = look();
      if (!looked || round == kRounds) {
        result_.not_done.push_back("there may be more than one comment: " +
                                   (looked ? "other jobs made and removed theirs all the time"
                                           : "other jobs' were not looked for: " + looked.error().message));
        return;
      }
      std::erase_if(open, [&](Comment const& one) { return agree_on(one, rivals_of(one)); });
    }
  }

  // Comments of the same part that were made since we began, or that we did not know for ours then; oldest first.
  std::vector<Comment> rivals_of(Comment const& one) const {
    std::vector<Comment> rivals;
    auto const text = read_marked(one.body);
    for (OwnComment const& other : own())
      if (text && other.text.mark.part == text->mark.part && other.comment.id != one.id &&
          !before_.contains(other.comment.id) && !other.comment.hidden)
        rivals.push_back(other.comment);
    std::sort(rivals.begin(), rivals.end(), is_older);
    return rivals;
  }

  // False when another job was quicker, and it is worth another look.
  bool agree_on(Comment const& one, std::vector<Comment> const& rivals) {
    if (rivals.empty()) return true;
    bool const is_last = is_older(rivals.back(), one);
    if (request_.mode != PostMode::Update) {
      for (Comment const& rival : rivals)
        if (is_last) (void)carry_out({request_.mode == PostMode::HideAndNew ? Kind::Hide : Kind::Delete, rival, ""});
      return true;
    }
    if (is_older(one, rivals.front())) return true;
    Result<Comment> const kept =
        is_last ? forge_.update_comment(request_.target, rivals.front(), one.body) : rivals.front();
    if (!kept && kept.error().kind == ErrorKind::NotFound) return false;
    if (!kept) {
      result_.not_done.push_back("there are two comments now, since " + rivals.front().url +
                                 ", which was there first, cannot be changed: " + kept.error().message);
      return true;
    }
    if (result_.comment.id == one.id) result_.comment = *kept, result_.action = Action::Updated;
    (void)carry_out({Kind::Delete, one, ""});
    return true;
  }

  // Where our appended part is, if it is anywhere.
  std::optional<OwnComment> added() const {
    for (OwnComment& one : own())
      if (std::find(one.text.notes.begin(), one.text.notes.end(), notes_.back()) != one.text.notes.end())
        return std::move(one);
    return std::nullopt;
  }

  // A job that read the comment before our change and wrote after it has removed our part: look after a while, and add
  // it again.
  Status keep_added() {
    if (!forge_.capabilities().concurrent_writers) return ok();
    auto const began = clock_.now();
    std::string seen = written_.empty() ? "" : written_.front().body;
    int changes = 0;
    for (int lost = 0; clock_.now() - began < kLongestSettling;) {
      auto const spread = static_cast<std::uint64_t>(2000 + 2000 * std::min(lost, 10));
      clock_.sleep_for(milliseconds(2000 + static_cast<long>(random_.next() % spread)));
      CML_CHECK_OK(look());
      CML_TRY(merged, merge_first_comments());
      auto const place = added();
      if (place && !merged) {
        if (place->comment.body == seen || ++changes > kLooksAtChanges) return ok();
        seen = place->comment.body;
        continue;
      }
      if (!place) {
        ++lost;
        CML_CHECK_OK(act());
        seen = written_.empty() ? "" : written_.front().body;
      }
    }
    return Error{ErrorKind::Conflict,
                 "other jobs changed the comment again and again, and the part is not in it; run one job at a time "
                 "(concurrency:)"};
  }

  // Jobs that all found no comment have made one each: when ours is not the oldest, our part moves there. Others add to
  // the oldest alone (post_plan.cpp), so that ours holds no part but ours.
  Result<bool> merge_first_comments() {
    auto const place = added();
    if (!place || made_.empty() || place->comment.id != made_.front().id || place->text.mark.part > 1) return false;
    std::set<std::string> rivals;
    std::optional<Comment> oldest;
    for (OwnComment const& other : own()) {
      if (before_.contains(other.comment.id) || other.text.mark.part > 1) continue;
      rivals.insert(other.comment.id);
      if (!oldest || is_older(other.comment, *oldest)) oldest = other.comment;
    }
    if (!oldest || oldest->id == place->comment.id) return false;
    std::erase_if(thread_, [&](Comment const& one) { return rivals.contains(one.id) && one.id != oldest->id; });
    Comment const ours = place->comment;
    CML_CHECK_OK(act());
    (void)carry_out({Kind::Delete, ours, ""});
    return true;
  }

  Forge& forge_;
  PostRequest const& request_;
  Clock& clock_;
  Random& random_;
  Diagnostics& diagnostics_;
  std::size_t limit_;
  std::vector<std::string> notes_;
  std::string whole_url_;
  std::vector<Comment> thread_;
  std::vector<Comment> written_, made_;  // By the last plan; made_: new ones.
  std::set<std::string> before_;         // Comments of ours that were there when we began.
  std::vector<std::string> remarks_;
  PostResult result_;
};

}  // namespace

Status check_post(Forge const& forge, PostRequest const& request) {
  if (searches(request.mode) && !request.mark)
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

Result<PostResult> post_comment(Forge& forge, PostRequest const& request, Clock& clock, Random& random,
                                Diagnostics& diagnostics) {
  return Poster(forge, request, clock, random, diagnostics).run();
}

}  // namespace cml

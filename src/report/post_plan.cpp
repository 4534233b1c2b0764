#include "report/post_plan.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "report/oversize.hpp"

namespace cml {
namespace {

using Kind = PostAction::Kind;

constexpr std::string_view kNote = "[cml-", kAddNote = "[cml-add-";
constexpr std::size_t kMaxAddNotes = 64;

// Each once; of those that appended parts leave, the newest.
std::vector<std::string> merged(std::vector<std::string> notes, std::vector<std::string> const& more) {
  for (std::string const& note : more)
    if (std::find(notes.begin(), notes.end(), note) == notes.end()) notes.push_back(note);
  auto const is_add = [](std::string const& note) { return note.starts_with(kAddNote); };
  auto surplus = std::count_if(notes.begin(), notes.end(), is_add) - static_cast<std::ptrdiff_t>(kMaxAddNotes);
  std::erase_if(notes, [&](std::string const& note) { return is_add(note) && surplus-- > 0; });
  return notes;
}

class Planner {
 public:
  Planner(std::vector<Comment> const& thread, PlanRequest const& request) : request_(request) {
    if (!request.mark || !searches(request.mode)) return;
    own_ = own_comments(thread, request.mark->title);
    if (auto remark = remark_on_strangers(thread, request.mark->title)) plan_.remarks.push_back(std::move(*remark));
    has_notes_inside_ = contains(request.content, kNote);
    for (OwnComment const& own : own_) has_notes_inside_ |= contains(own.text.content, kNote);
  }

  Result<PostPlan> plan() {
    switch (request_.mode) {
      case PostMode::New:
      case PostMode::Update:
        CML_CHECK_OK(write_all(request_.content, request_.notes));
        break;
      case PostMode::Append:
        CML_CHECK_OK(append());
        break;
      case PostMode::Prepend:
        CML_CHECK_OK(prepend());
        break;
      case PostMode::Recreate:
      case PostMode::HideAndNew:
        CML_CHECK_OK(write_all(request_.content, request_.notes));
        retire(request_.mode == PostMode::Recreate ? Kind::Delete : Kind::Hide, 1);
        break;
      case PostMode::Delete:
        retire(Kind::Delete, 1);
        break;
    }
    return std::move(plan_);
  }

 private:
  bool in_place() const {
    return request_.mode == PostMode::Update || request_.mode == PostMode::Append || request_.mode == PostMode::Prepend;
  }
  // The newest one that may be edited, one that readers see before one that is hidden.
  OwnComment const* newest(std::size_t part) const {
    OwnComment const* found = nullptr;
    for (OwnComment const& own : own_)
      if (own.text.mark.part == part && own.comment.editable && !(part > 1 && is_past(own)) &&
          (found == nullptr || !own.comment.hidden || found->comment.hidden))
        found = &own;
    return found;
  }
  // Of a report that was hidden for a newer one: its parts are none of that.
  bool is_past(OwnComment const& own) const {
    OwnComment const* const first = own.comment.hidden ? newest(1) : nullptr;
    return first != nullptr && !first->comment.hidden;
  }
  // What grows: the newest one, or the first that has its commit. Of several that jobs of one run have made at once the
  // first one stays.
  OwnComment const* growing(std::size_t part) const {
    OwnComment const* const last = newest(part);
    if (last == nullptr) return nullptr;
    for (OwnComment const& own : own_)
      if (own.text.mark.part == part && own.comment.editable && own.text.mark.sha == last->text.mark.sha &&
          own.comment.hidden == last->comment.hidden)
        return &own;
    return last;
  }
  // Of a report over several comments, in their order.
  std::vector<OwnComment const*> parts() const {
    std::vector<OwnComment const*> result;
    while (OwnComment const* part = growing(result.size() + 1)) result.push_back(part);
    return result;
  }

  std::string text(std::string const& content, std::vector<std::string> const& notes, std::size_t part) const {
    if (!request_.mark) {
      std::string bare = content;
      for (std::size_t i = 0; i < notes.size(); ++i) bare += (i == 0 ? "\n\n" : "") + notes[i] + "\n";
      return bare;
    }
    Watermark mark = *request_.mark;
    mark.part = part;
    return text_of({content, notes, mark});
  }
  // Characters that are left for content beside the mark and the notes.
  std::size_t room(std::vector<std::string> const& notes) const {
    std::size_t const taken = utf8_length(text("", notes, 99'999)) + (has_notes_inside_ ? kNotesStartLength : 0);
    return request_.limit > taken ? request_.limit - taken : 0;
  }

  void write(std::string const& content, std::vector<std::string> const& notes, std::size_t part) {
    std::string body = text(content, notes, part);
    OwnComment const* const old = request_.mode == PostMode::Update ? newest(part)
                                  : in_place()                      ? growing(part)
                                                                    : nullptr;
    if (old == nullptr)
      plan_.actions.push_back({Kind::Create, {}, std::move(body)});
    else
      plan_.actions.push_back({old->comment.body == body ? Kind::Keep : Kind::Edit, old->comment, std::move(body)});
  }

  // Says that `content` is too long, and how that is dealt with. TooLarge where it must not be.
  Status too_long(std::string const& content, std::size_t room, std::string const& how) {
    std::string const facts = "the report has " + std::to_string(utf8_length(content)) + " characters; " +
                              std::string(request_.forge) + " takes " + std::to_string(room);
    if (request_.oversize == Oversize::Error)
      return Error{ErrorKind::TooLarge,
                   facts + "; shorten it, or use --on-oversize truncate, split, collapse or attach"};
    plan_.remarks.push_back(facts + "; " + how);
    return ok();
  }
  bool splits() const { return request_.oversize == Oversize::Split || request_.oversize == Oversize::Collapse; }
  bool folds() const { return request_.oversize == Oversize::Collapse && request_.folds; }
  // Cut, with a link to the whole where it was asked for.
  Status cut_note(std::string const& content, std::size_t room) {
    if (request_.oversize == Oversize::Attach && request_.whole_url.empty()) plan_.unstored = content;
    return too_long(content, room,
                    request_.oversize == Oversize::Attach
                        ? "it is cut and links to the whole"
                        : "it is cut (--on-oversize split, collapse or attach would keep all of it)");
  }

  Status write_all(std::string const& content, std::vector<std::string> const& notes) {
    std::size_t const space = room(notes);
    std::vector<std::string> pieces{content};
    if (utf8_length(content) > space) {
      if (splits()) {
        pieces = folds() ? folded_parts(content, space) : split_body(content, space);
        CML_CHECK_OK(too_long(content, space, "it is split over " + std::to_string(pieces.size()) + " comments"));
      } else {
        CML_CHECK_OK(cut_note(content, space));
        pieces = {truncated(content, space, request_.whole_url)};
      }
    }
    for (std::size_t i = 0; i < pieces.size(); ++i)
      write(pieces[i], i == 0 ? notes : std::vector<std::string>{}, i + 1);
    plan_.parts = pieces.size();
    if (in_place()) retire(Kind::Delete, pieces.size() + 1);  // Parts that the report no longer has.
    return ok();
  }

  // Behind the last comment; when it is full its oldest text goes, or a new comment takes what is new.
  Status append() {
    auto const old = parts();
    if (old.empty()) return write_all(request_.content, request_.notes);
    OwnComment const& last = *old.back();
    plan_.parts = old.size();
    bool const was_folded = is_folded(last.text.content);
    auto const notes = merged(last.text.notes, request_.notes);
    std::string const before = was_folded ? unfolded(last.text.content) : last.text.content;
    std::string const joined = before + "\n\n" + request_.content;
    std::string const whole = was_folded ? folded(joined, old.size()) : joined;
    std::size_t const space = room(notes);
    if (utf8_length(whole) <= space) return write(whole, notes, old.size()), ok();
    if (!splits()) {
      CML_CHECK_OK(cut_note(joined, space));
      return write(without_oldest(joined, space, request_.whole_url), notes, old.size()), ok();
    }
    std::size_t const own_space = room(request_.notes);
    auto const pieces = split_body(request_.content, own_space > kRoomForFold ? own_space - kRoomForFold : own_space);
    CML_CHECK_OK(
        too_long(joined, space, "it goes on in " + std::string(pieces.size() == 1 ? "a new comment" : "new comments")));
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      std::size_t const part = old.size() + i + 1;
      write(folds() ? folded(pieces[i], part) : pieces[i], i == 0 ? request_.notes : std::vector<std::string>{}, part);
    }
    plan_.parts = old.size() + pieces.size();
    return ok();
  }

  // In front of all there is; the end of that goes, or moves on to the next comment.
  Status prepend() {
    std::string content = request_.content;
    std::vector<std::string> notes = request_.notes;
    for (OwnComment const* part : parts()) {
      content += "\n\n" + (is_folded(part->text.content) ? unfolded(part->text.content) : part->text.content);
      notes = merged(notes, part->text.notes);
    }
    return write_all(content, notes);
  }

  // Takes away, or hides, what of ours is older, from a part on.
  void retire(Kind kind, std::size_t from_part) {
    for (OwnComment const& own : own_)
      if (own.text.mark.part >= from_part &&
          !(own.comment.hidden && (kind == Kind::Hide || (in_place() && is_past(own)))))
        plan_.actions.push_back({kind, own.comment, ""});
  }

  PlanRequest const& request_;
  std::vector<OwnComment> own_;
  bool has_notes_inside_ = false;  // Lines that look like notes, in what is or was reported.
  PostPlan plan_;
};

}  // namespace

bool concerns_us(Comment const& comment) { return may_be_marked(comment.body); }

std::optional<std::string> remark_on_strangers(std::vector<Comment> const& thread, std::string_view title) {
  for (Comment const& comment : thread) {
    if (comment.author == Comment::Author::Me || !may_be_marked(comment.body)) continue;
    auto const marked = read_marked(comment.body);
    if (!marked || !same_title(marked->mark.title, title)) continue;
    std::string const whose = comment.author == Comment::Author::Unknown ? "this token may not ask whose it is"
                              : comment.author_name.empty()              ? "it is another account's"
                                                            : "it is " + clean_line(comment.author_name, 60) + "'s";
    return "a comment bears cml's mark and is left alone, since " + whose + ": " + comment.url;
  }
  return std::nullopt;
}

std::vector<OwnComment> own_comments(std::vector<Comment> const& thread, std::string_view title) {
  std::vector<OwnComment> result;
  for (Comment const& comment : thread) {
    if (comment.author != Comment::Author::Me || !may_be_marked(comment.body)) continue;
    auto marked = read_marked(comment.body);
    if (marked && same_title(marked->mark.title, title)) result.push_back({comment, std::move(*marked)});
  }
  return result;
}

Result<PostPlan> plan_post(std::vector<Comment> const& thread, PlanRequest const& request) {
  return Planner(thread, request).plan();
}

}  // namespace cml

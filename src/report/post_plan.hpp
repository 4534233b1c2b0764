// What has to be done to a thread so that it shows a report: pure, from what is there and what is asked for to a list
// of actions. post.hpp carries them out.
//
//   thread: [ours "old", a person's]   mode update   ->   edit ours
//   thread: []                          split over 3  ->   create, create, create
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/choice.hpp"
#include "forge/forge.hpp"
#include "report/watermark.hpp"

namespace cml {

enum class PostMode { New, Update, Recreate, HideAndNew, Append, Prepend, Delete };
// Table: --mode.
inline constexpr Choice<PostMode> kPostModes[] = {
    {"new", PostMode::New},           {"update", PostMode::Update},
    {"recreate", PostMode::Recreate}, {"hide-and-new", PostMode::HideAndNew},
    {"append", PostMode::Append},     {"prepend", PostMode::Prepend},
    {"delete", PostMode::Delete},
};
constexpr bool searches(PostMode mode) { return mode != PostMode::New; }  // Looks for older comments.

enum class Oversize {
  Truncate,  // Of a new report its end is cut, of one that grows what is oldest.
  Split,     // Over several comments.
  Collapse,  // The same, and all but the first folded.
  Attach,    // Cut, with a link to the whole.
  Error
};
// Table: --on-oversize.
inline constexpr Choice<Oversize> kOversizes[] = {
    {"truncate", Oversize::Truncate}, {"split", Oversize::Split}, {"collapse", Oversize::Collapse},
    {"attach", Oversize::Attach},     {"error", Oversize::Error},
};

struct PlanRequest {
  std::string content;             // What is new, without notes and mark.
  std::vector<std::string> notes;  // For the successor of the first comment that is written.
  std::optional<Watermark> mark;   // Nothing: no mark, and nothing of ours is looked for.
  PostMode mode = PostMode::New;
  Oversize oversize = Oversize::Truncate;
  std::size_t limit = 65'536;  // Of a comment, in characters.
  bool folds = true;           // The forge shows <details>.
  std::string_view forge;      // Its name, for what is said.
  std::string whole_url;       // Of the whole text, once it is stored (Attach).
};

struct PostAction {
  enum class Kind { Create, Edit, Keep, Hide, Delete };  // Keep: it says that already.
  Kind kind = Kind::Create;
  Comment comment;  // The one that is there; of Create empty.
  std::string body;
};

struct PostPlan {
  std::vector<PostAction> actions;      // In their order: what is new comes before what goes.
  std::size_t parts = 1;                // Comments that the report takes.
  std::vector<std::string> remarks;     // To be said: a report that is cut, a stranger's comment with our mark.
  std::optional<std::string> unstored;  // Attach: store this text first and plan again with its address.
};

// TooLarge under Oversize::Error.
Result<PostPlan> plan_post(std::vector<Comment> const& thread, PlanRequest const&);

// A comment that bears the mark and is not ours for certain: why it is left alone.
std::optional<std::string> remark_on_strangers(std::vector<Comment> const& thread, std::string_view title);

// True for a comment that plan_post would look at: Forge::comments need not keep others.
bool concerns_us(Comment const&);
// What of ours has this title, oldest first.
struct OwnComment {
  Comment comment;
  MarkedBody text;
};
std::vector<OwnComment> own_comments(std::vector<Comment> const& thread, std::string_view title);

}  // namespace cml

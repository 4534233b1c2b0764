// What is done to a thread: modes, policies for what is too long, how many comments are there, and whose they are.
#include "report/post_plan.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

#include "base/text.hpp"
#include "report/oversize.hpp"

using namespace cml;

namespace {

using Kind = PostAction::Kind;
constexpr std::size_t kLimit = 2000;

std::string lines(std::string const& name, int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += name + " " + std::to_string(i) + "\n\n";
  return text;
}

Comment ours(int id, std::string content, std::size_t part = 1, std::string title = "t") {
  Comment comment;
  comment.id = std::to_string(id);
  comment.url = "https://forge.test/c" + comment.id;
  comment.body = text_of({std::move(content), {}, {"abc", std::move(title), part}});
  comment.author = Comment::Author::Me;
  return comment;
}

PlanRequest request(PostMode mode, std::string content, Oversize oversize = Oversize::Truncate) {
  PlanRequest asked;
  asked.content = std::move(content);
  asked.mark = Watermark{"abc", "t"};
  asked.mode = mode;
  asked.oversize = oversize;
  asked.limit = kLimit;
  asked.forge = "forge";
  return asked;
}

PostPlan planned(std::vector<Comment> const& thread, PlanRequest const& asked) {
  auto plan = plan_post(thread, asked);
  INFO((plan ? "" : plan.error().message));
  REQUIRE(plan);
  return *plan;
}

// "create 1, edit 5#2, delete 7": kind, id of what is there, part that is written.
std::string outline(PostPlan const& plan) {
  std::string text;
  for (PostAction const& action : plan.actions) {
    constexpr char const* kNames[] = {"create", "edit", "keep", "hide", "delete"};
    text += (text.empty() ? "" : ", ") + std::string(kNames[static_cast<int>(action.kind)]);
    if (!action.comment.id.empty()) text += " " + action.comment.id;
    if (auto const marked = read_marked(action.body); marked && marked->mark.part > 1)
      text += "#" + std::to_string(marked->mark.part);
  }
  return text;
}

// What the thread says when the plan has been carried out, oldest first, hidden ones left out.
std::vector<std::string> after(std::vector<Comment> thread, PostPlan const& plan) {
  for (PostAction const& action : plan.actions) {
    auto const at =
        std::find_if(thread.begin(), thread.end(), [&](auto const& one) { return one.id == action.comment.id; });
    if (action.kind == Kind::Create) thread.push_back({"new", action.body, "", "", ""});
    if (action.kind == Kind::Edit) at->body = action.body;
    if (action.kind == Kind::Hide || action.kind == Kind::Delete) thread.erase(at);
  }
  std::vector<std::string> contents;
  for (Comment const& comment : thread) {
    auto const marked = read_marked(comment.body);
    contents.push_back(marked ? marked->content : comment.body);
  }
  return contents;
}
std::string joined(std::vector<std::string> const& texts) {
  std::string text;
  for (std::string const& one : texts) text += one + "\n";
  return text;
}

}  // namespace

TEST_CASE("post plan: every mode, policy and size over no, one, two and three comments of ours", "[report][post]") {
  enum class Size { Fits, AtTheLimit, Beyond };
  std::size_t const room = kLimit - utf8_length(text_of({"", {}, {"abc", "t", 99'999}}));
  int cases = 0;
  for (Choice<PostMode> const& mode : kPostModes) {
    for (Choice<Oversize> const& oversize : kOversizes) {
      for (std::size_t old = 0; old <= 3; ++old) {
        for (Size const size : {Size::Fits, Size::AtTheLimit, Size::Beyond}) {
          ++cases;
          INFO(mode.name << ", " << oversize.name << ", " << old << " there, size " << static_cast<int>(size));
          std::vector<Comment> thread;
          for (std::size_t i = 0; i < old; ++i)
            thread.push_back(ours(static_cast<int>(10 + i), "old " + std::to_string(i) + "\n", i + 1));
          std::string fresh = size == Size::Fits ? "fresh\n" : lines("fresh", size == Size::Beyond ? 400 : 10);
          bool const grows = old > 0 && (mode.value == PostMode::Append || mode.value == PostMode::Prepend);
          // What it is joined with; at the limit not one character is left.
          std::size_t const beside = !grows ? 0 : mode.value == PostMode::Append ? 8 : old * 8;
          if (size == Size::AtTheLimit) fresh += std::string(room - beside - utf8_length(fresh), 'x');
          auto asked = request(mode.value, fresh, oversize.value);
          auto plan = plan_post(thread, asked);
          bool const too_long = size == Size::Beyond && mode.value != PostMode::Delete;
          if (too_long && oversize.value == Oversize::Error) {
            REQUIRE_FALSE(plan);
            CHECK(plan.error().kind == ErrorKind::TooLarge);
            continue;
          }
          REQUIRE(plan);
          CHECK(plan->unstored.has_value() == (too_long && oversize.value == Oversize::Attach));
          if (plan->unstored) {
            CHECK(contains(*plan->unstored, "fresh 399"));
            asked.whole_url = "https://files.test/whole.md";
            plan = plan_post(thread, asked);
            REQUIRE(plan);
          }
          CHECK(plan->remarks.size() == (too_long ? 1 : 0));
          for (PostAction const& action : plan->actions) CHECK(utf8_length(action.body) <= kLimit);
          std::string const said = joined(after(thread, *plan));
          if (mode.value == PostMode::Delete) {
            CHECK(trim(said).empty());
            continue;
          }
          bool const split = oversize.value == Oversize::Split || oversize.value == Oversize::Collapse;
          bool const at_end = grows && mode.value == PostMode::Append;  // Its newest end is what must not be cut.
          if (size != Size::Beyond) {
            CHECK(contains(said, fresh));
          } else if (split) {
            std::size_t last = 0;
            for (int i = 0; i < 400; ++i) {  // Nothing is lost, and in its order.
              auto const at = said.find("fresh " + std::to_string(i) + "\n", last);
              REQUIRE(at != std::string::npos);
              last = at;
            }
          } else {
            CHECK(contains(said, at_end ? "fresh 399\n" : "fresh 0\n"));
            CHECK(contains(said, "cut"));
            CHECK(contains(said, "https://files.test/whole.md") == (oversize.value == Oversize::Attach));
          }
          // What is older: kept by the modes that grow, before or behind; gone otherwise.
          bool const keeps = grows && (split || size != Size::Beyond);
          for (std::size_t i = 0; i < old; ++i) {
            bool const in_another = at_end && i + 1 < old;  // A full last comment is cut, those before it stay.
            INFO("old " << i);
            bool const stays = keeps || in_another || mode.value == PostMode::New;
            CHECK(contains(said, "old " + std::to_string(i) + "\n") == stays);
          }
        }
      }
    }
  }
  CHECK(cases == 7 * 5 * 4 * 3);
}

TEST_CASE("post plan: what comes before what goes, and what says it already stays", "[report][post]") {
  std::vector<Comment> const thread{ours(1, "a"), ours(2, "b", 2), ours(3, "other", 1, "u")};
  CHECK(outline(planned({}, request(PostMode::Update, "x"))) == "create");
  CHECK(outline(planned(thread, request(PostMode::New, "x"))) == "create");
  CHECK(outline(planned(thread, request(PostMode::Update, "x"))) == "edit 1, delete 2");
  CHECK(outline(planned(thread, request(PostMode::Update, "a"))) == "keep 1, delete 2");
  CHECK(outline(planned(thread, request(PostMode::Recreate, "x"))) == "create, delete 1, delete 2");
  CHECK(outline(planned(thread, request(PostMode::HideAndNew, "x"))) == "create, hide 1, hide 2");
  CHECK(outline(planned(thread, request(PostMode::Append, "x"))) == "edit 2#2");
  CHECK(outline(planned(thread, request(PostMode::Prepend, "x"))) == "edit 1, delete 2");
  CHECK(outline(planned(thread, request(PostMode::Delete, ""))) == "delete 1, delete 2");
  CHECK(outline(planned(thread, request(PostMode::Append, lines("x", 400), Oversize::Split))) == "create#3, create#4");
}

TEST_CASE("post plan: hidden comments are not hidden again, and one in sight is edited first", "[report][post]") {
  std::vector<Comment> thread{ours(1, "a"), ours(2, "b")};
  thread[1].hidden = true;
  CHECK(outline(planned(thread, request(PostMode::HideAndNew, "x"))) == "create, hide 1");
  CHECK(outline(planned(thread, request(PostMode::Update, "x"))) == "edit 1");
  thread[0].hidden = true;
  CHECK(outline(planned(thread, request(PostMode::Update, "x"))) == "edit 2");
  CHECK(outline(planned(thread, request(PostMode::HideAndNew, "x"))) == "create");
}

TEST_CASE("post plan: the hidden parts of an older report are none of the one in sight", "[report][post]") {
  std::vector<Comment> thread{ours(1, "a"), ours(2, "b", 2), ours(3, "c")};
  thread[0].hidden = thread[1].hidden = true;
  std::string const longer = lines("x", 400);
  CHECK(outline(planned(thread, request(PostMode::Update, longer, Oversize::Split))) == "edit 3, create#2");
  CHECK(outline(planned(thread, request(PostMode::Append, longer, Oversize::Split))) == "create#2, create#3");
  CHECK(outline(planned(thread, request(PostMode::Prepend, "x", Oversize::Split))) == "edit 3");
  CHECK(outline(planned(thread, request(PostMode::Update, "x"))) == "edit 3");  // What was hidden is not deleted.
  // All hidden by a person: the report is still the same one.
  thread.pop_back();
  CHECK(outline(planned(thread, request(PostMode::Update, longer, Oversize::Split))) == "edit 1, edit 2#2");
}

TEST_CASE("post plan: a comment that may not be edited is passed over for an older one, else a new one is made",
          "[report][post]") {
  std::vector<Comment> thread{ours(1, "a"), ours(2, "b")};
  thread[1].editable = false;
  CHECK(outline(planned(thread, request(PostMode::Update, "x"))) == "edit 1");
  thread[0].editable = false;
  CHECK(outline(planned(thread, request(PostMode::Update, "x"))) == "create");
  CHECK(outline(planned(thread, request(PostMode::Append, "x"))) == "create");
}

TEST_CASE("post plan: nothing that another account wrote is touched, however much it looks like ours",
          "[report][post][security]") {
  std::string const mark = watermark_text({"abc", "t"});
  for (PostMode const mode : {PostMode::Update, PostMode::Recreate, PostMode::HideAndNew, PostMode::Append,
                              PostMode::Prepend, PostMode::Delete}) {
    for (Comment::Author const author : {Comment::Author::Other, Comment::Author::Unknown}) {
      Comment copy = ours(5, "a copy");
      copy.author = author;
      copy.author_name = "mallory";
      auto const plan = planned({copy}, request(mode, "x"));
      CHECK(outline(plan) == (mode == PostMode::Delete ? "" : "create"));
      REQUIRE(plan.remarks.size() == 1);
      CHECK(contains(plan.remarks[0], "https://forge.test/c5"));
      CHECK(contains(plan.remarks[0], author == Comment::Author::Other ? "mallory" : "may not ask"));
    }
    // By ourselves, but not as the last line of its own: a quote, code, a mark that is talked about.
    for (std::string const& body :
         {"> report\n> \n> " + mark + "\n\nI disagree", "> report\n>\n> " + mark, "```\nreport\n\n" + mark,
          "```\n" + mark + "\n```", "`" + mark + "`", "    " + mark, "report " + mark, "report\n\n" + mark + " there",
          "report\n" + mark, "<!--\n\n" + mark, "<!--\n" + mark + "\n-->", "- item\n\n  " + mark}) {
      INFO(body);
      Comment quoting = ours(5, "");
      quoting.body = body;
      CHECK(outline(planned({quoting}, request(mode, "x"))) == (mode == PostMode::Delete ? "" : "create"));
    }
  }
}

TEST_CASE("post plan: no title reaches another report's parts", "[report][post]") {
  std::vector<Comment> thread;
  for (std::string title : {"t part 2", "part 2", "t?part=2", "t\") ![](x", "t#2"})
    thread.push_back(ours(static_cast<int>(thread.size()) + 1, "mine", 1, title));
  CHECK(outline(planned(thread, request(PostMode::Update, "x"))) == "create");
  CHECK(outline(planned(thread, request(PostMode::Delete, ""))) == "");
}

TEST_CASE("post plan: a log that has grown over the limit keeps its newest end, run after run", "[report][post]") {
  std::vector<Comment> thread;
  for (int run = 0; run < 12; ++run) {
    auto const plan = planned(thread, request(PostMode::Append, lines("run" + std::to_string(run), 30)));
    auto const said = after(thread, plan);
    REQUIRE(said.size() == 1);
    CHECK(contains(said[0], "run" + std::to_string(run) + " 29\n"));
    thread = {ours(1, said[0])};
  }
  std::string const end = after(thread, {})[0];
  CHECK(end.starts_with("*Older entries were cut.*\n"));
  CHECK(end.find("Older entries were cut", 2) == std::string::npos);
  CHECK_FALSE(contains(end, "run0 "));
}

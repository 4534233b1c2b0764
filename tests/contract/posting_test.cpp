// What a thread, a server and a report can do to a post, one scenario after the other on every network forge: nothing
// that a person wrote is touched, nothing that was asked for is lost in silence, and no error is more than a line.
#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "report/watermark.hpp"
#include "support/fake_bitbucket.hpp"
#include "support/fake_github.hpp"
#include "support/forge_command.hpp"

using namespace cml;
using namespace cml::test;

namespace {

using Words = std::vector<std::string>;
using Bodies = std::vector<std::string>;

std::string marked(std::string text, std::string title = "", std::size_t part = 1) {
  return text_of({std::move(text), {}, {"abc", std::move(title), part}});
}
std::string content_of(std::string const& body) {
  auto const read = read_marked(body);
  return read ? read->content : body;
}
Bodies contents_of(ForgeShop const& shop) {
  Bodies contents;
  for (std::string const& body : shop.bodies()) contents.push_back(content_of(body));
  return contents;
}
int lines_of(std::string const& text, std::string_view start) {
  int count = 0;
  for (std::string const& line : split(text, '\n')) count += line.starts_with(start);
  return count;
}
ServerResponse says(int status, std::string const& message = "no") {
  return {status, "{\"message\":\"" + message + "\",\"error\":{\"message\":\"" + message + "\"}}", {}};
}

}  // namespace

TEST_CASE("posting: what stands around a mark decides whose last line it is", "[contract][posting]") {
  std::string const mark = watermark_text({"abc", ""});
  struct Case {
    std::string what, body;
    bool ours;
  };
  for (CommandForge const& row : command_forges()) {
    for (Case const& c : std::vector<Case>{
             {"as posted", "old\n\n" + mark, true},
             {"carriage returns of a web page", "old\r\n\r\n" + mark + "\r\n", true},
             {"blanks and lines behind it", "old\n\n" + mark + " \n\n\t\n", true},
             {"a fold left open above", "<details><summary>x</summary>\n\nold\n\n" + mark, true},
             {"an older mark above", mark + "\n\nold\n\n" + mark, true},
             {"a table above", "| a |\n|---|\n| b |\n\n" + mark, true},
             {"Windows line ends in a closed fence", "```\r\nold\r\n```\r\n\r\n" + mark, true},
             {"a word behind it", "old\n\n" + mark + " thanks", false},
             {"a line behind it", "old\n\n" + mark + "\n\nedited by ada", false},
             {"a changed address", "old\n\n" + replace_all(mark, "cml.dev", "cml.test"), false},
             {"a changed name", "old\n\n" + replace_all(mark, "CML", "My"), false},
             {"a quote", "> old\n>\n> " + mark, false},
             {"a list", "- old\n\n  " + mark, false},
             {"an open fence", "~~~\nold\n\n" + mark, false},
             {"an open comment", "<!-- old\n\n" + mark, false},
             {"code", "    " + mark, false},
             {"a heading's line", "# " + mark, false},
             {"no line of its own", "old " + mark, false},
             {"no paragraph of its own", "old\n" + mark, false},
         }) {
      INFO(row.name << ": " << c.what);
      ForgeShop shop(row);
      shop.add(c.body);
      auto const run = shop.update("new");
      INFO(run.err);
      CHECK(run.exit_code == 0);
      REQUIRE(shop.bodies().size() == (c.ours ? 1 : 2));
      if (!c.ours) CHECK(shop.bodies()[0] == c.body);
      CHECK(content_of(shop.bodies().back()) == "new");
      // Whatever is left over is no cause to delete it.
      CHECK(shop.run({"comment", "delete"}).exit_code == 0);
      CHECK(shop.bodies() == (c.ours ? Bodies{} : Bodies{c.body}));
    }
  }
}

TEST_CASE("posting: every title finds its own comment again, and no other's", "[contract][posting]") {
  std::string const prefix(520, 'p');
  std::vector<std::string> const titles{"",
                                        "train",
                                        "train 2",
                                        "train part 2",
                                        "part 2",
                                        "trai",
                                        "Train",
                                        "a \"quoted\" word",
                                        "a \\ b",
                                        "a\\",
                                        "(x) [y] <z>",
                                        "](https://a.test) ![](",
                                        "\")",
                                        "&quot; &amp;",
                                        "&amp;quot;",
                                        "a --> b <!--",
                                        "`code` *b* _i_ ~s~ | c",
                                        "#abc",
                                        "?part=2#abc",
                                        "?part=2",
                                        "100%",
                                        "%7Bx%7D",
                                        "{x} ${y} $(z)",
                                        "\xC3\xA9t\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x98\x80",
                                        "caf\xE9",
                                        "caf\xE8",
                                        "a\nb",
                                        "a\tb c",
                                        "\xE2\x80\xA8line",
                                        prefix + "1",
                                        prefix + "2",
                                        "CML watermark"};
  for (CommandForge const& row : command_forges()) {
    ForgeShop shop(row);
    for (int round = 0; round < 2; ++round) {
      for (std::size_t i = 0; i < titles.size(); ++i) {
        INFO(row.name << ", round " << round << ": " << titles[i]);
        auto const run =
            shop.update(std::to_string(i) + " in round " + std::to_string(round), {"--watermark-title=" + titles[i]});
        INFO(run.err);
        CHECK(run.exit_code == 0);
        CHECK(shop.bodies().size() == (round == 0 ? i + 1 : titles.size()));
      }
    }
    auto const contents = contents_of(shop);
    for (std::size_t i = 0; i < titles.size(); ++i) {
      INFO(row.name << ": " << titles[i]);
      CHECK(contents.at(i) == std::to_string(i) + " in round 1");
      CHECK(shop.run({"comment", "delete", "--watermark-title=" + titles[i]}).exit_code == 0);
      CHECK(shop.bodies().size() == titles.size() - i - 1);
    }
  }
}

TEST_CASE("posting: at the limit, one below and one above, in characters of one to four bytes", "[contract][posting]") {
  for (CommandForge const& row : command_forges()) {
    for (std::string const letter : {"a", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"}) {
      if (row.limit > 500'000 && letter.size() % 2 == 0) continue;  // Enough of the long ones.
      for (long const beyond : {-1, 0, 1}) {
        INFO(row.name << " " << letter << " " << beyond);
        ForgeShop shop(row);
        // The mark of a later part is longer, and room is kept for it.
        std::size_t const beside = utf8_length(text_of({"", {}, {"", "", 99'999}}));
        auto const count = static_cast<std::size_t>(static_cast<long>(row.limit - beside) + beyond);
        std::string text;
        text.reserve(count * letter.size());
        for (std::size_t i = 0; i < count; ++i) text += letter;
        auto const run = shop.update(text);
        INFO(run.err.substr(0, 400));
        CHECK(run.exit_code == 0);
        REQUIRE(shop.bodies().size() == 1);
        std::string const body = shop.bodies()[0];
        CHECK(utf8_length(body) <= row.limit);
        CHECK(read_marked(body).has_value());
        bool const whole = content_of(body) == text;
        // GitLab counts bytes here, which is less than it says.
        if (letter.size() == 1 || row.name != "gitlab") CHECK(whole == (beyond <= 0));
        CHECK(lines_of(run.err, "warning") == (whole ? 0 : 1));
        if (!whole) CHECK(contains(body, "cut"));
      }
    }
  }
}

TEST_CASE("posting: a comment that is gone, or refused, between looking and writing", "[contract][posting]") {
  for (CommandForge const& row : command_forges()) {
    for (int const status : {404, 403}) {
      INFO(row.name << " " << status);
      ForgeShop shop(row);
      shop.add(marked("older"));
      shop.add(marked("newest"));
      shop.add("a colleague's words", "ada");
      shop.answer(row.edit, row.comments, says(status));
      auto const next = shop.update("new");
      INFO(next.err);
      CHECK(next.exit_code == 0);
      CHECK(contents_of(shop) == Bodies{"new", "newest", "a colleague's words"});
      shop.answer(row.edit, row.comments, says(status), 100);
      auto const made = shop.update("newer");
      INFO(made.err);
      CHECK(made.exit_code == 0);
      CHECK(contents_of(shop) == Bodies{"new", "newest", "a colleague's words", "newer"});
      CHECK(lines_of(made.out, "http") == 1);
    }
    // A conversation that is locked for all.
    ForgeShop locked(row);
    locked.add(marked("old"));
    locked.answer(row.edit, row.comments, says(403, "Unable to create comment because issue is locked."), 100);
    locked.answer("POST", row.comments, says(403, "Unable to create comment because issue is locked."), 100);
    auto const run = locked.update("new");
    INFO(run.err);
    CHECK(run.exit_code == 3);
    CHECK(lines_of(run.err, "error") == 1);
    CHECK(contains(run.err, "unlock"));
    CHECK(run.out.empty());
    CHECK(contents_of(locked) == Bodies{"old"});
    CHECK(locked.update("new", {"--fallback=none"}).exit_code == 0);
    CHECK(contents_of(locked) == Bodies{"old"});
  }
}

TEST_CASE("posting: a server that refuses or fails at any step", "[contract][posting]") {
  struct Case {
    int status, exit_code;
    bool passes;  // With the next try.
  };
  for (CommandForge const& row : command_forges()) {
    bool const lists_by_post = row.name == "github";
    for (Case const& c : std::vector<Case>{{400, 1, false},
                                           {401, 3, false},
                                           {409, 1, false},
                                           {410, 1, false},
                                           {422, 1, false},
                                           {429, 4, true},
                                           {500, 4, false},
                                           {502, 4, true},
                                           {503, 4, true},
                                           {504, 4, true}}) {
      // Reading the thread: once, and for good.
      for (int const times : {1, 100}) {
        INFO(row.name << ", the list, " << c.status << ", " << times << " times");
        ForgeShop shop(row);
        shop.add(marked("old"));
        if (lists_by_post) shop.answer("POST", "/graphql", says(c.status), times);
        shop.answer("GET", row.comments, says(c.status), times);
        auto const run = shop.update("new");
        INFO(run.err);
        bool const good = times == 1 && (c.passes || (lists_by_post && c.exit_code == 1));
        if (times == 100) {
          CHECK(run.exit_code == c.exit_code);
          CHECK(lines_of(run.err, "error") == 1);
          CHECK(contents_of(shop) == Bodies{"old"});  // What may be there is not posted again.
          CHECK(run.out.empty());
        } else if (good && !lists_by_post) {
          CHECK(contents_of(shop) == Bodies{"new"});
        }
      }
      // Changing a comment, and making one.
      for (bool const edits : {true, false}) {
        for (int const times : {1, 100}) {
          INFO(row.name << (edits ? ", the edit, " : ", the post, ") << c.status << ", " << times << " times");
          ForgeShop shop(row);
          if (edits) shop.add(marked("old"));
          shop.answer(edits ? row.edit : "POST", row.comments, says(c.status), times);
          auto const run = shop.update("new");
          INFO(run.err);
          bool const gone = edits && c.status == 410;  // As 404: another one is made.
          // A post is looked for and sent again after every failure of the server.
          bool const again = c.passes || (!edits && c.status == 500);
          if ((times == 1 && again) || gone) {
            CHECK(run.exit_code == 0);
            CHECK(contents_of(shop).back() == "new");
            CHECK(shop.bodies().size() == (gone ? 2 : 1));
          } else {
            CHECK(run.exit_code == c.exit_code);
            CHECK(run.out.empty());
            CHECK(lines_of(run.err, "error") == 1);
            CHECK(contents_of(shop) == (edits ? Bodies{"old"} : Bodies{}));
          }
        }
      }
    }
  }
}

TEST_CASE("posting: old comments that cannot go are told, and the report's address is printed", "[contract][posting]") {
  for (CommandForge const& row : command_forges()) {
    for (int const status : {403, 404, 500}) {
      INFO(row.name << " " << status);
      ForgeShop shop(row);
      shop.add(marked("old"));
      shop.answer("DELETE", row.comments, says(status), 100);
      shop.job.put("report.md", "new");
      Words words{"comment", "create", "--mode=recreate", "report.md"};
      auto const run = shop.run(words);
      INFO(run.err);
      CHECK(run.exit_code == 0);
      CHECK(lines_of(run.out, "http") == 1);
      CHECK(lines_of(run.err, "warning") == (status == 404 ? 0 : 1));
      CHECK(contents_of(shop) == Bodies{"old", "new"});
      words.push_back("--strict");
      CHECK(shop.run(words).exit_code == (status == 404 ? 0 : 1));
      auto const removal = shop.run({"comment", "delete"});
      INFO(removal.err);
      CHECK(removal.exit_code == (status == 404 ? 0 : status == 403 ? 3 : 4));
    }
  }
}

TEST_CASE("posting: pictures never cost the report, whatever the store answers", "[contract][posting]") {
  using Fault = ServerResponse::Fault;
  struct Case {
    std::string what;
    ServerResponse answer;
  };
  for (CommandForge const& row : command_forges()) {
    for (Case const& c :
         std::vector<Case>{{"too large", {413, "<html>413</html>", {}}},
                           {"out of order", {500, "<html>500</html>", {}}},
                           {"a gateway", {502, "<html>502</html>", {}}},
                           {"forbidden", says(403, "Resource not accessible by integration")},
                           {"protected", says(422, "Repository rule violations found")},
                           {"not there", says(404)},
                           {"a conflict", says(409)},
                           {"a page of a login", {200, "<html>log in</html>", {}}},
                           {"an empty object", {201, "{}", {}}},
                           {"an empty list", {200, "[]", {}}},
                           {"nothing", {204, "", {}}},
                           {"numbers for words", {201, R"({"url":7,"sha":7,"commit":7})", {}}},
                           {"a closed line", {200, "", {}, Fault::CloseWithoutAnswer}},
                           {"half an answer", {201, "{\"url\":\"/uploads/1\"}", {}, Fault::TruncateBody}},
                           {"a foreign address", {201, R"({"url":"https://evil.test/x"})", {}}}}) {
      INFO(row.name << ": " << c.what);
      ForgeShop shop(row);
      shop.job.put("a.png", "\x89PNG\r\n\x1a\n-picture");
      if (row.name == "github") shop.answer("POST", "/graphql", says(403), 100, 1);  // The commit, not the thread.
      for (char const* method : {"POST", "PUT", "PATCH"}) shop.answer(method, row.uploads, c.answer, 1000);
      auto const run = shop.update("# Report\n\n![accuracy](a.png)\n\nend\n");
      INFO(run.err);
      bool const bitbucket_takes = row.name == "bitbucket" && c.answer.status < 300 &&
                                   !c.answer.body.starts_with("<") &&
                                   c.answer.fault == Fault::None;  // Its answer holds nothing that is needed.
      CHECK(run.exit_code == 0);
      REQUIRE(shop.bodies().size() == 1);
      std::string const body = shop.bodies()[0];
      INFO(body);
      CHECK(contains(body, "# Report"));
      CHECK(contains(body, "end"));
      CHECK_FALSE(contains(body, "evil.test"));
      if (contains(body, "*accuracy*")) {
        CHECK(contains(body, "not shown"));
        CHECK(contains(run.err, "not shown"));
        CHECK(shop.update("# Report\n\n![accuracy](a.png)\n", {"--strict"}).exit_code == 1);
      } else {
        CHECK((bitbucket_takes || contains(body, "![accuracy](")));
        CHECK(lines_of(run.err, "warning") == 0);
      }
    }
  }
}

TEST_CASE("posting: what people wrote stays as it is, in every mode", "[contract][posting]") {
  std::vector<std::string> const theirs{"plain words",
                                        "> quoted\n>\n> " + watermark_text({"abc", ""}) + "\n\nI disagree",
                                        marked("copied whole"),
                                        marked("copied whole with a title", "t"),
                                        marked("a part", "", 2),
                                        "```\n" + marked("in a fence") + "\n```",
                                        ""};
  for (CommandForge const& row : command_forges()) {
    for (bool const moderates : {true, false}) {
      for (std::string const mode : {"new", "update", "recreate", "append", "prepend", "delete", "hide-and-new"}) {
        if (mode == "hide-and-new" && row.name != "github") continue;
        INFO(row.name << " " << mode << " " << moderates);
        ForgeShop shop(row);
        shop.fake->moderates = moderates;
        for (std::string const& body : theirs) shop.add(body, "ada");
        for (int round = 0; round < 3; ++round) {
          shop.job.put("report.md", "round " + std::to_string(round));
          auto const run = shop.run({"comment", "create", "--mode=" + mode, "report.md"});
          INFO(run.err);
          CHECK(run.exit_code == 0);
          // Told once in each run that looks.
          CHECK(lines_of(run.err, "warning") == (mode == "new" ? 0 : 1));
        }
        auto const bodies = shop.bodies();
        std::size_t const more = mode == "delete" ? 0 : mode == "new" || mode == "hide-and-new" ? 3 : 1;
        REQUIRE(bodies.size() == theirs.size() + more);
        CHECK(Bodies(bodies.begin(), bodies.begin() + static_cast<long>(theirs.size())) == theirs);
      }
      ForgeShop shop(row);
      for (std::string const& body : theirs) shop.add(body, "ada");
      CHECK(shop.update("", {"--delete-if-empty"}).exit_code == 0);
      CHECK(shop.run({"comment", "delete", "--watermark-title=t"}).exit_code == 0);
      CHECK(shop.bodies() == theirs);
    }
  }
}

TEST_CASE("posting: a token that may not ask who it is learns it from what it posts, and leaves one comment",
          "[contract][posting]") {
  for (CommandForge const& row : command_forges()) {
    INFO(row.name);
    ForgeShop shop(row);
    shop.fake->token_user = "ml-person";
    shop.fake->token_may_ask = false;
    if (auto* github = dynamic_cast<FakeGitHub*>(shop.fake.get())) github->has_graphql = false;
    shop.add(marked("of ada"), "ada");
    for (int round = 0; round < 3; ++round) {
      auto const run = shop.update("round " + std::to_string(round));
      INFO(run.err);
      CHECK(run.exit_code == 0);
      CHECK(contents_of(shop) == Bodies{"of ada", "round " + std::to_string(round)});
      CHECK(lines_of(run.err, "warning") == 1);
      CHECK(contains(run.err, "ada's"));
    }
    shop.job.put("report.md", "more");
    CHECK(shop.run({"comment", "create", "--mode=append", "report.md"}).exit_code == 0);
    CHECK(contents_of(shop) == Bodies{"of ada", "round 2\n\nmore"});
  }
}

TEST_CASE("posting: parts of a long report come and go, beside titles that look like parts", "[contract][posting]") {
  for (CommandForge const& row : command_forges()) {
    INFO(row.name);
    ForgeShop shop(row);
    CHECK(shop.update("mine", {"--watermark-title=part 2"}).exit_code == 0);
    CHECK(shop.update("mine", {"--watermark-title=train part 2"}).exit_code == 0);
    std::string text;
    for (int i = 0; text.size() < row.limit * 5 / 2; ++i) text += "line " + std::to_string(i) + " of a log\n\n";
    for (std::string const title : {"train", ""}) {
      if (title.empty() && row.limit > 500'000) continue;  // It takes long.
      Words const words{"--on-oversize=split", "--watermark-title=" + title};
      CHECK(shop.update(text, words).exit_code == 0);
      CHECK(shop.bodies().size() == 5);
      std::string joined;
      auto const parts = contents_of(shop);
      for (std::size_t i = 2; i < parts.size(); ++i) joined += parts[i];
      CHECK(joined == text);
      auto const before = shop.bodies();
      CHECK(shop.update(text, words).exit_code == 0);
      CHECK(shop.bodies() == before);
      CHECK(shop.update("short", words).exit_code == 0);
      CHECK(contents_of(shop) == Bodies{"mine", "mine", "short"});
      CHECK(shop.run({"comment", "delete", "--watermark-title=" + title}).exit_code == 0);
    }
    CHECK(contents_of(shop) == Bodies{"mine", "mine"});
    // A part that cannot be posted: what is there is told, and the run fails.
    shop.answer("POST", row.comments, says(403), 100, 1);
    auto const cut = shop.update(text, {"--on-oversize=split"});
    INFO(cut.err);
    CHECK(cut.exit_code == 3);
    CHECK(lines_of(cut.out, "http") == 1);
    CHECK(contains(cut.err, "part 2 of 3"));
  }
}

TEST_CASE("posting: a log grows over the limit and keeps its newest end, by whatever line ends",
          "[contract][posting]") {
  for (CommandForge const& row : command_forges()) {
    INFO(row.name);
    ForgeShop shop(row);
    std::string entry;
    while (entry.size() < row.limit / 3) entry += "a line of a log that is not short\n";
    Words const words{"comment", "create", "--mode=append", "report.md"};
    for (int run = 0; run < 6; ++run) {
      shop.job.put("report.md", "## run " + std::to_string(run) + "\n\n" + entry);
      auto const appended = shop.run(words);
      INFO(appended.err);
      CHECK(appended.exit_code == 0);
      REQUIRE(shop.bodies().size() == 1);
      std::string const body = shop.bodies()[0];
      CHECK(contains(body, "## run " + std::to_string(run) + "\n\n" + entry));
      CHECK(utf8_length(body) <= row.limit);
    }
    CHECK_FALSE(contains(shop.bodies()[0], "## run 0"));
  }
}

TEST_CASE("posting: a report that looks like a mark, or leaves things open, is found again", "[contract][posting]") {
  std::string const other = watermark_text({"", "other"});
  std::string const planted = "[cml-file-" + std::string(32, 'a') + "]: https://evil.test/x.png";
  for (CommandForge const& row : command_forges()) {
    for (std::string const& text : std::vector<std::string>{"log\n\n" + other,
                                                            "log\n" + other,
                                                            "```\nopen fence",
                                                            "~~~~ python\nopen",
                                                            "<!-- open comment",
                                                            "<details>\n\nopen",
                                                            "<table><tr><td>",
                                                            "- item\n  ```\n  open in a list",
                                                            "> ```\n> quoted fence",
                                                            "<pre>\nopen",
                                                            "<script>\nopen",
                                                            "<![CDATA[\nopen",
                                                            "<?php open",
                                                            "<!DOCTYPE open",
                                                            "`open code",
                                                            "[open](",
                                                            "![open](x.png",
                                                            "log\n\n" + planted,
                                                            std::string("log\n\n[cml-add-1]: #\n[cml-add-2]: #"),
                                                            std::string("a\r\nb\r\n\r\n```\r\nc"),
                                                            std::string("\n\n\n  x"),
                                                            std::string("    indented code at the end"),
                                                            std::string("| a |\n|---|"),
                                                            std::string("title\n---\n***")}) {
      INFO(row.name << ": " << text);
      ForgeShop shop(row);
      CHECK(shop.update(text, {"--no-publish"}).exit_code == 0);
      REQUIRE(shop.bodies().size() == 1);
      std::string const body = shop.bodies()[0];
      if (row.name != "bitbucket") CHECK(body.starts_with(text));
      auto const read = read_marked(body);
      REQUIRE(read);
      CHECK(read->mark.title.empty());
      // A report's own words are no notes of ours.
      CHECK(read->notes == std::vector<std::string>{});
      CHECK(shop.update(text, {"--no-publish"}).exit_code == 0);
      CHECK(shop.bodies() == Bodies{body});
      CHECK(shop.update("new").exit_code == 0);
      CHECK(contents_of(shop) == Bodies{"new"});
    }
  }
}

TEST_CASE("posting: answers that are not what they should be end in one line, and nothing is posted twice",
          "[contract][posting]") {
  using Fault = ServerResponse::Fault;
  std::vector<ServerResponse> const odd{{200, "", {}},
                                        {200, "null", {}},
                                        {200, "7", {}},
                                        {200, "{}", {}},
                                        {200, "[null]", {}},
                                        {200, "[{}]", {}},
                                        {200, R"([{"id":"x","body":7,"user":null}])", {}},
                                        {200, R"({"values":[{"id":null}]})", {}},
                                        {200, R"({"data":{"repository":null}})", {}},
                                        {200, "<html>log in</html>", {}},
                                        {200, "[[[[[[[[", {}},
                                        {200, "[]", {}, Fault::TruncateBody},
                                        {302, "", {}},
                                        {418, "I am a teapot", {}}};
  for (CommandForge const& row : command_forges()) {
    for (std::size_t i = 0; i < odd.size(); ++i) {
      INFO(row.name << ", the list: " << odd[i].status << " " << odd[i].body);
      ForgeShop shop(row);
      shop.add(marked("old"));
      shop.answer("POST", "/graphql", odd[i], 100);
      shop.answer("GET", row.comments, odd[i], 100);
      auto const run = shop.update("new");
      INFO(run.err);
      CHECK(run.exit_code != 70);
      if (run.exit_code != 0) {
        CHECK(lines_of(run.err, "error") == 1);
        CHECK(contents_of(shop) == Bodies{"old"});
      }
      ForgeShop other(row);
      INFO(row.name << ", the answer to a post: " << odd[i].status << " " << odd[i].body);
      other.fake->fail({"POST", row.comments, odd[i], true, 1});
      auto const posted = other.update("new");
      INFO(posted.err);
      CHECK(posted.exit_code != 70);
      CHECK(lines_of(posted.err, "error") == (posted.exit_code == 0 ? 0 : 1));
      CHECK(contents_of(other) == Bodies{"new"});
    }
  }
}

namespace {

// Does something once the first page of a list of comments has arrived.
class BetweenPages : public HttpClient {
 public:
  explicit BetweenPages(HttpClient& inner) : inner_(inner) {}
  Result<HttpResponse> send(HttpRequest const& request) override { return std::move(send_all({request}, 1).front()); }
  std::vector<Result<HttpResponse>> send_all(std::vector<HttpRequest> const& requests, int parallel) override {
    auto answers = inner_.send_all(requests, parallel);
    bool const lists = std::any_of(requests.begin(), requests.end(), [&](HttpRequest const& request) {
      return request.method == "GET" && contains(request.url, first_page);
    });
    if (lists && then) std::exchange(then, {})();
    return answers;
  }
  std::string first_page;  // Part of its URL.
  std::function<void()> then;

 private:
  HttpClient& inner_;
};

}  // namespace

TEST_CASE("posting: a comment that is missed, since another one went while pages were read, does not become two",
          "[contract][posting]") {
  for (CommandForge const& row : command_forges()) {
    if (row.name == "github") continue;  // Its pages are asked for at once.
    INFO(row.name);
    ForgeShop shop(row);
    int const page = row.name == "gitea" ? 50 : 100;
    shop.add(marked("goes", "other"));
    for (int i = 1; i < page; ++i) shop.add("talk " + std::to_string(i), "ada");
    shop.add(marked("old"));  // The first one of the second page.
    for (int i = 0; i < 20; ++i) shop.add("more talk " + std::to_string(i), "ada");
    BetweenPages http(shop.http);
    http.first_page = row.name == "bitbucket" ? "pagelen=" : row.name == "gitea" ? "/comments?limit=" : "page=1";
    bool gone = false;
    http.then = [&] { gone = shop.run({"comment", "delete", "--watermark-title=other"}).exit_code == 0; };
    ForgeCommand job(row, *shop.fake, http, shop.clock, shop.random);
    job.put("report.md", "new");
    auto const run = job.run({"comment", "update", "report.md"});
    INFO(run.err);
    CHECK(run.exit_code == 0);
    CHECK(gone);
    auto const contents = contents_of(shop);
    CHECK(static_cast<int>(contents.size()) == page + 20);
    CHECK(contents.at(static_cast<std::size_t>(page) - 1) == "new");
  }
}

#include "app/parser.hpp"

#include <catch2/catch.hpp>

#include "app/commands.hpp"
#include "app/program.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

namespace {

constexpr Choice<std::string_view> kModes[] = {{"new", "new"}, {"update", "update"}};

struct ParserFixture {
  ParserFixture() {
    flags.positional("REPORT", &files, 0, 1, "a file");
    flags.text("--target", &target, "t");
    flags.text("--title,-t", &title, "t");
    flags.choice("--mode", &mode, kModes, "m");
    flags.boolean("--publish", &publish, "p");
    flags.boolean("--update", &update, "u");
    flags.boolean("--no-retry", &no_retry, "n");
    flags.optional_text("--pr", &pr, "p");
    flags.text("--watermark-title", &watermark, "w");
    flags.list("--label", &labels, "l");
    flags.hint("--body-file", "give it as the argument");
    global.boolean("--json", &json, "j");
    global.text("--repo", &repo, "r");
  }
  Result<Parsed> parse(std::vector<std::string> words, std::map<std::string, std::string> variables = {}) {
    return parse_words({"cml comment create", "Posts", &flags, &global, {"CML_COMMENT_", "CML_SEND_COMMENT_"}},
                       std::move(words), FakeEnvironment(std::move(variables)));
  }
  std::string message(std::vector<std::string> words, std::map<std::string, std::string> variables = {}) {
    auto const result = parse(std::move(words), std::move(variables));
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Usage);
    return result.error().message;
  }
  std::vector<std::string> files, labels;
  std::string target, title, pr, watermark, repo;
  std::string_view mode;
  bool publish = true, update = false, no_retry = false, json = false;
  Flags flags, global;
};

}  // namespace

TEST_CASE("parser: values by blank or equals sign, options before and after the file", "[app][parser]") {
  ParserFixture f;
  REQUIRE(f.parse(
      {"--target=pr/7", "report.md", "--watermark-title", "a b", "-t", "T", "--json", "--label=x", "--label", "y"}));
  CHECK(f.files == std::vector<std::string>{"report.md"});
  CHECK(f.target == "pr/7");
  CHECK(f.watermark == "a b");
  CHECK(f.title == "T");
  CHECK(f.json);
  CHECK(f.labels == std::vector<std::string>{"x", "y"});
}

TEST_CASE("parser: truth values in every spelling that CML took", "[app][parser]") {
  struct Case {
    std::vector<std::string> words;
    bool publish, update;
  };
  for (Case const& c : std::vector<Case>{{{"--publish", "r.md"}, true, false},
                                         {{"--no-publish"}, false, false},
                                         {{"--publish=false"}, false, false},
                                         {{"--publish=False", "--update=True"}, false, true},
                                         {{"--publish", "false", "r.md"}, false, false},
                                         {{"--update", "true"}, true, true},
                                         {{"--update", "True", "r.md"}, true, true},
                                         {{"--no-publish=false"}, true, false},
                                         {{"--update", "r.md"}, true, true}}) {
    ParserFixture f;
    INFO(Catch::Detail::stringify(c.words));
    REQUIRE(f.parse(c.words));
    CHECK(f.publish == c.publish);
    CHECK(f.update == c.update);
  }
  ParserFixture f;
  REQUIRE(f.parse({"--no-retry"}));
  CHECK(f.no_retry);
}

TEST_CASE("parser: optional values, camel case, dashes in values, the standard input", "[app][parser]") {
  ParserFixture f;
  REQUIRE(f.parse({"--pr", "report.md"}));
  CHECK(f.pr == "true");
  CHECK(f.files == std::vector<std::string>{"report.md"});
  ParserFixture g;
  REQUIRE(g.parse({"--pr=85", "--watermarkTitle=-x", "--target", "--odd", "-"}));
  CHECK(g.pr == "85");
  CHECK(g.watermark == "-x");
  CHECK(g.target == "--odd");
  CHECK(g.files == std::vector<std::string>{"-"});
  ParserFixture h;
  REQUIRE(h.parse({"--", "--target"}));
  CHECK(h.files == std::vector<std::string>{"--target"});
}

TEST_CASE("parser: mistakes are named with the nearest right word", "[app][parser]") {
  ParserFixture f;
  CHECK(contains(f.message({"--watermark-titel=x"}), "did you mean --watermark-title?"));
  CHECK(contains(f.message({"--repoo", "x"}), "did you mean --repo?"));
  CHECK(contains(f.message({"--body-file", "x"}), "give it as the argument"));
  CHECK(contains(f.message({"--zebra"}), "see cml comment create --help"));
  CHECK(contains(f.message({"a", "b"}), "unexpected argument \"b\""));
  CHECK(contains(f.message({"--mode=updat"}), "did you mean update?"));
  CHECK(contains(f.message({"--publish=maybe"}), "--publish"));
  CHECK(f.message({"--target"}) == "cml comment create: --target needs a value; see cml comment create --help");
  CHECK(contains(f.message({"-t"}), "--title needs a value"));
  CHECK(contains(f.message({"--mode"}), "--mode needs a value"));
  CHECK(contains(f.message({}, {{"CML_COMMENT_UPDATE", "perhaps"}}),
                 "CML_COMMENT_UPDATE: not a valid boolean (true or false): perhaps"));
}

TEST_CASE("parser: the environment fills what the line leaves open, the newer name first", "[app][parser]") {
  ParserFixture f;
  REQUIRE(f.parse({"--title=line"}, {{"CML_COMMENT_TITLE", "env"},
                                     {"CML_SEND_COMMENT_TARGET", "pr"},
                                     {"CML_REPO", "o/r"},
                                     {"CML_COMMENT_PUBLISH", "false"},
                                     {"CML_COMMENT_LABEL", "a,b"},
                                     {"CML_COMMENT_MODE", ""},
                                     {"CML_COMMENT_UNKNOWN", "ignored"},
                                     {"CML_COMMENT", "1"}}));
  CHECK(f.title == "line");
  CHECK(f.target == "pr");
  CHECK(f.repo == "o/r");
  CHECK_FALSE(f.publish);
  CHECK(f.labels == std::vector<std::string>{"a", "b"});
  ParserFixture g;
  REQUIRE(g.parse({}, {{"CML_COMMENT_TARGET", "new"},
                       {"CML_SEND_COMMENT_TARGET", "old"},
                       {"CML_COMMENT_REPO", "near"},
                       {"CML_REPO", "far"}}));
  CHECK(g.target == "new");
  CHECK(g.repo == "near");
}

TEST_CASE("parser: help lists options, but not the hidden ones", "[app][parser]") {
  ParserFixture f;
  f.flags.text("--secret-thing", &f.title, "x").hide();
  auto const parsed = f.parse({"--help"});
  REQUIRE(parsed);
  REQUIRE(parsed->help);
  CHECK(contains(*parsed->help, "--watermark-title"));
  CHECK_FALSE(contains(*parsed->help, "--secret-thing"));
}

TEST_CASE("commands: the binary's name chooses the command", "[app][commands]") {
  using Words = std::vector<std::string>;
  CHECK(words_of_program_name("cml") == Words{});
  CHECK(words_of_program_name("/usr/bin/cml-send-comment") == Words{"send-comment"});
  CHECK(words_of_program_name("cml-publish") == Words{"publish"});
  CHECK(words_of_program_name("cml-linux-x64") == Words{});
  CHECK(words_of_program_name("/x/other") == Words{});
}

TEST_CASE("parser: an empty value is none and takes no other word, for every option of every command",
          "[app][parser]") {
  int tried = 0;
  for (Command const& command : commands()) {
    GlobalOptions options;
    Flags const global = global_flags(options);
    Flags names;
    Action const first_owner = command.declare(names);
    std::vector<std::string> spellings;
    for (Flags const* flags : {&std::as_const(names), &global})
      for (Flag const& flag : flags->all()) spellings.insert(spellings.end(), flag.names.begin(), flag.names.end());
    for (std::string const& option : spellings) {
      for (std::vector<std::string> words : {std::vector<std::string>{option, "", "the-word"},
                                             {option + "=", "the-word"},
                                             {"the-word", option + "="},
                                             {"the-word", option, ""}}) {
        INFO("cml " << command.name << " " << Catch::Detail::stringify(words));
        Flags flags;
        Action const owner = command.declare(flags);
        auto const parsed = parse_words({"cml", "", &flags, &global, {}}, words, FakeEnvironment());
        Positional const& positional = flags.positionals();
        if (positional.at_most > 0 && positional.at_least <= 1) {
          REQUIRE(parsed);
          CHECK(*positional.values == std::vector<std::string>{"the-word"});
        } else {
          REQUIRE_FALSE(parsed);  // It stands there as a word of its own.
          CHECK(
              contains(parsed.error().message, positional.at_most == 0 ? "unexpected argument \"the-word\"" : "needs"));
        }
        ++tried;
      }
    }
  }
  CHECK(tried > 1000);
}

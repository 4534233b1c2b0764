// What --help says: its lines run as they stand, stand in the pages of docs/commands too, and fit the terminal.
#include "app/help.hpp"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

#include "app/commands.hpp"
#include "app/examples.hpp"
#include "app/program.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// The words of the part of a shell's line that calls cml: "python x.py | cml comment create -", "cml manual > file".
std::vector<std::string> words_of_line(std::string_view line) {
  if (auto const at = line.find("| cml "); at != std::string_view::npos) line = line.substr(at + 2);
  line = line.substr(0, std::min(line.find(" >"), line.find(" | ")));
  std::vector<std::string> words(1);
  bool quoted = false;
  for (char c : line) {
    if (c == '\'')
      quoted = !quoted;
    else if (c == ' ' && !quoted)
      words.emplace_back();
    else
      words.back() += c;
  }
  return words;
}

Result<ChosenCommand> chosen(std::vector<std::string> const& words, std::map<std::string, std::string> variables = {}) {
  GlobalOptions options;
  return choose_command(words, FakeEnvironment(std::move(variables)), options);
}

std::string help_of(std::vector<std::string> words, std::string const& columns = "") {
  words.insert(words.begin(), "cml");
  auto const answered = chosen(words, {{"COLUMNS", columns}});
  REQUIRE(answered);
  REQUIRE(answered->answer);
  return *answered->answer;
}

}  // namespace

TEST_CASE("help: every example is a line that its command takes, and stands in its page", "[app][help]") {
  for (Command const& command : commands()) {
    if (!command.listed) continue;
    INFO(command.name);
    auto const& examples = examples_of(command.name);
    CHECK_FALSE(examples.empty());
    std::ifstream file(CML_SOURCE_DIR "/docs/commands/" + replace_all(std::string(command.name), " ", "-") + ".md");
    std::stringstream page;
    page << file.rdbuf();
    for (Example const& example : examples) {
      INFO(example.line);
      auto const parsed = chosen(words_of_line(example.line));
      INFO((parsed ? "" : parsed.error().message));
      REQUIRE(parsed);
      REQUIRE(parsed->command != nullptr);
      CHECK(parsed->command->name == command.name);
      CHECK(contains(page.str(), "    " + std::string(example.line) + "\n"));
    }
  }
}

TEST_CASE("help: commands stand by what they are for, each once", "[app][help]") {
  std::string const text = help_of({"--help"});
  for (Command const& command : commands()) {
    if (!command.listed) continue;
    std::string const line = "\n  " + std::string(command.name) + "  ";
    INFO(command.name);
    REQUIRE(contains(text, line));
    CHECK(text.find(line) == text.rfind(line));
  }
  CHECK(help_of({"help"}) == text);
}

TEST_CASE("help: usage, examples, options with their values, and where else they may stand", "[app][help]") {
  std::string const text = help_of({"comment", "create", "--help"});
  CHECK(contains(text, "Usage: cml comment create [OPTIONS] [REPORT]\n"));
  CHECK(contains(text, "\nExamples:\n  cml comment create report.md\n"));
  CHECK(contains(text, "\n  --mode new|update|recreate|hide-and-new|append|prepend|delete\n      "));
  CHECK(contains(text, "CML_COMMENT_SOME_OPTION"));
  CHECK(contains(text, "Related: cml comment update"));
  CHECK(help_of({"help", "comment", "create"}) == text);
  CHECK(help_of({"version"}) == help_of({"-V"}));
}

TEST_CASE("help: lines end before the terminal does", "[app][help]") {
  for (Command const& command : commands()) {
    if (!command.listed) continue;
    std::vector<std::string> words = split(command.name, ' ');
    words.push_back("--help");
    bool in_examples = false;  // What is to be copied is not broken.
    for (std::string const& line : split(help_of(words, "80"), '\n')) {
      if (!line.starts_with(' ')) in_examples = line == "Examples:";
      INFO(line);
      bool const one_word = line.find(' ', line.find_first_not_of(' ')) == std::string::npos;
      bool const names = line.starts_with("  -");
      CHECK((in_examples || one_word || names || utf8_length(line) <= 80));
    }
  }
}

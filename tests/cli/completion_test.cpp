// The completion scripts in the shells that they are for, and the manual pages as roff reads them.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>

#include "app/commands.hpp"
#include "base/text.hpp"
#include "platform/spawned_process.hpp"
#include "support/run_cml.hpp"
#include "support/temporary_folder.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

// What the program says when it reads `script`; the test fails where it cannot be run.
std::string said_by(std::vector<std::string> program, std::string const& script, fs::path const& folder) {
  std::ofstream(folder / "script") << script;
  program.push_back((folder / "script").string());
  ProcessRequest request;
  request.arguments = std::move(program);
  request.directory = folder;
  request.environment = {{"PATH", "/usr/bin:/bin"}, {"HOME", folder.string()}, {"TERM", "dumb"}};
  SpawnedProcess process;
  auto const result = process.run(request);
  REQUIRE(result);
  INFO(result->err);
  CHECK(result->exit_code == 0);
  CHECK(result->err.empty());
  return result->out;
}
std::string script_for(std::string const& shell, fs::path const& folder) {
  auto const run = run_cml({"completion", shell}, folder);
  REQUIRE(run.exit_code == 0);
  return run.out;
}

struct Line {
  std::string words;               // Before the cursor; the last is being typed.
  std::vector<std::string> there;  // Offered.
  std::vector<std::string> not_there;
};
std::vector<Line> const kLines{
    {"cml ", {"comment", "runner", "vega-render", "completion"}, {"create", "--title"}},
    {"cml com", {"comment", "completion"}, {"runner"}},
    {"cml comment ", {"create", "update", "delete"}, {"launch", "--target"}},
    {"cml comment create --wat", {"--watermark-title", "--watch"}, {"--title", "--rm-watermark"}},
    {"cml --log warn comment create --mode ", {"hide-and-new", "append"}, {"--mode", "create"}},
    {"cml vega-render --ou", {"--output", "--output-dir"}, {"--target"}},
    {"cml runner launch --dry", {"--dry-run"}, {}},
};

}  // namespace

TEST_CASE("completion: bash offers commands, options and the values of options", "[cli][completion]") {
  TemporaryFolder folder;
  std::string const script = script_for("bash", folder.path);
  for (Line const& line : kLines) {
    auto words = split(line.words, ' ');
    std::string typed;
    for (std::string const& word : words) typed += " '" + word + "'";
    std::string const out =
        said_by({"bash"},
                script + "COMP_WORDS=(" + typed + ")\nCOMP_CWORD=" + std::to_string(words.size() - 1) +
                    "\n_cml\nprintf '%s\\n' \"${COMPREPLY[@]}\"\n",
                folder.path);
    INFO(line.words << "\n" << out);
    auto const offered = split(out, '\n');
    for (auto const& word : line.there) CHECK(std::count(offered.begin(), offered.end(), word) == 1);
    for (auto const& word : line.not_there) CHECK(std::count(offered.begin(), offered.end(), word) == 0);
  }
}

TEST_CASE("completion: fish offers commands, options and the values of options", "[cli][completion]") {
  TemporaryFolder folder;
  std::string const script = script_for("fish", folder.path);
  for (Line const& line : kLines) {
    std::string const out =
        said_by({"fish", "--no-config"}, script + "complete -C '" + line.words + "'\n", folder.path);
    INFO(line.words << "\n" << out);
    auto offered = split(out, '\n');
    for (auto& one : offered) one = one.substr(0, one.find('\t'));
    for (auto const& word : line.there) CHECK(std::count(offered.begin(), offered.end(), word) == 1);
    for (auto const& word : line.not_there) CHECK(std::count(offered.begin(), offered.end(), word) == 0);
  }
}

// zsh completes at a terminal only: its own _describe is replaced by one that prints what it is given.
TEST_CASE("completion: zsh offers commands, options and the values of options", "[cli][completion]") {
  TemporaryFolder folder;
  std::string const script = script_for("zsh", folder.path);
  for (Line const& line : kLines) {
    auto words = split(line.words, ' ');
    std::string typed;
    for (std::string const& word : words) typed += " '" + word + "'";
    std::string const out = said_by({"zsh", "-f"},
                                    "compdef() { : }\n_describe() { print -l -- ${(P)2} }\n_files() { : }\n" + script +
                                        "words=(" + typed + ")\nCURRENT=" + std::to_string(words.size()) + "\n_cml\n",
                                    folder.path);
    INFO(line.words << "\n" << out);
    auto offered = split(out, '\n');
    std::string const& current = words.back();
    std::vector<std::string> matching;
    for (auto const& one : offered)
      if (one.starts_with(current)) matching.push_back(one.substr(0, one.find(':')));
    for (auto const& word : line.there) CHECK(std::count(matching.begin(), matching.end(), word) == 1);
    for (auto const& word : line.not_there) CHECK(std::count(matching.begin(), matching.end(), word) == 0);
  }
}

TEST_CASE("completion: another shell is an error that names those that there are", "[cli][completion]") {
  TemporaryFolder folder;
  auto const run = run_cml({"completion", "tcsh"}, folder.path);
  CHECK(run.exit_code == 1);
  CHECK(contains(run.err, "fish"));
}

TEST_CASE("manual: every command has a page that groff reads without a warning", "[cli][completion]") {
  TemporaryFolder folder;
  REQUIRE(run_cml({"manual", "man"}, folder.path).exit_code == 0);
  std::size_t pages = 0;
  for (Command const& command : commands()) {
    if (!command.listed) continue;
    std::string const name = "cml-" + replace_all(std::string(command.name), " ", "-") + ".1";
    INFO(name);
    CHECK(fs::exists(folder.path / "man" / name));
    ++pages;
  }
  for (auto const& entry : fs::directory_iterator(folder.path / "man")) {
    INFO(entry.path());
    ProcessRequest request;
    request.arguments = {"groff", "-man", "-ww", "-Tutf8", "-P-cbou", entry.path().string()};
    request.environment = {{"PATH", "/usr/bin:/bin"}};
    SpawnedProcess process;
    auto const result = process.run(request);
    REQUIRE(result);
    CHECK(result->exit_code == 0);
    CHECK(result->err.empty());
    CHECK(contains(result->out, "NAME"));
    CHECK_FALSE(contains(result->out, "\\-"));  // Escaped twice.
    --pages;
  }
  CHECK(pages == static_cast<std::size_t>(-1));  // cml.1 beside them.
}

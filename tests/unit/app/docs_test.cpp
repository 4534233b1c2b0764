// The pages in docs/commands keep up with the commands.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "app/commands.hpp"
#include "app/declared.hpp"
#include "app/program.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"
#include "support/shell_words.hpp"

using namespace cml;
using namespace cml::test;
namespace fs = std::filesystem;

namespace {

std::string text_of_page(fs::path const& file) {
  INFO(file);
  std::ifstream in(file);
  REQUIRE(in);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Every piece of a page between two backticks.
std::vector<std::string> code_of(std::string const& page) {
  std::vector<std::string> out;
  for (std::size_t at = page.find('`'); at != std::string::npos; at = page.find('`', at + 1)) {
    auto const end = page.find('`', at + 1);
    if (end == std::string::npos) break;
    out.push_back(page.substr(at + 1, end - at - 1));
    at = end;
  }
  return out;
}

// "cml ..." of "- run: cml ...", "$ cml ..." or "python train.py && cml ..."; empty where the line calls something
// else.
std::string_view call_in(std::string_view line) {
  for (std::string_view before : {"- ", "run: ", "$ "})
    if (line.starts_with(before)) line.remove_prefix(before.size());
  if (line.starts_with("cml ") || line.starts_with("cml-")) return line;
  for (std::string_view before : {"| cml ", "&& cml ", "; cml "})
    if (auto const at = line.find(before); at != std::string_view::npos) return line.substr(line.find("cml ", at));
  return {};
}

}  // namespace

TEST_CASE("docs: every command has a page that names its options", "[app][docs]") {
  for (Command const& command : commands()) {
    if (!command.listed) continue;
    std::string const name = replace_all(std::string(command.name), " ", "-");
    INFO("docs/commands/" + name + ".md");
    std::ifstream file(CML_SOURCE_DIR "/docs/commands/" + name + ".md");
    REQUIRE(file);
    std::stringstream text;
    text << file.rdbuf();
    std::string const page = text.str();
    CHECK(contains(page, "# cml " + std::string(command.name)));
    bool const refers = contains(page, "All options are those of");
    Flags flags;
    command.declare(flags);
    for (Flag const& flag : flags.all()) {
      INFO(flag.names.front());
      CHECK((refers || flag.hidden || contains(page, "`" + flag.names.front())));
    }
  }
}

TEST_CASE("docs: the page on migrating names every command, option and prefix that CML had, and no other",
          "[app][docs]") {
  std::string const page = text_of_page(CML_SOURCE_DIR "/docs/migrating.md");
  std::vector<std::string> known{"--help", "--version"};
  auto const know = [&](Flags const& flags) {
    for (Flag const& flag : flags.all()) known.insert(known.end(), flag.names.begin(), flag.names.end());
  };
  know(declared_global_flags());
  for (Command const& command : commands()) {
    for (CommandAlias const& alias : command.aliases) CHECK(contains(page, "`cml " + std::string(alias.name) + "`"));
    Flags flags;
    command.declare(flags);
    know(flags);
    if (command.aliases.empty()) continue;
    INFO(command.name);
    CHECK(contains(page, "`cml " + std::string(command.name) + "`"));
    for (std::string_view prefix : command.environment) CHECK(contains(page, "`" + std::string(prefix) + "`"));
  }
  for (std::string const& code : code_of(page)) {
    if (!code.starts_with("-")) continue;
    INFO(code);
    CHECK(std::find(known.begin(), known.end(), code) != known.end());
  }
}

TEST_CASE("docs: every command line in the pages is one that cml takes", "[app][docs]") {
  int lines = 0;
  std::vector<fs::path> pages{CML_SOURCE_DIR "/README.md"};
  for (auto const& entry : fs::recursive_directory_iterator(CML_SOURCE_DIR "/docs"))
    if (entry.path().extension() == ".md") pages.push_back(entry.path());
  for (fs::path const& page : pages) {
    bool fenced = false;
    std::string const text = replace_all(text_of_page(page), "\\\n", "");
    for (std::string const& line : split(text, '\n')) {
      if (trim(line).starts_with("```")) fenced = !fenced;
      if (!fenced && !line.starts_with("    ")) continue;
      auto words = shell_words(call_in(trim(line)));
      // What stands for something else: "cml COMMAND", "[OPTIONS]", "...".
      bool const usage = std::any_of(words.begin(), words.end(), [](std::string const& word) {
        return word == "COMMAND" || word.starts_with("[") || word.ends_with("]") || word.ends_with("...");
      });
      if (words.size() < 2 || usage) continue;
      if (words[0] != "cml") words.insert(words.begin() + 1, words[0].substr(4)), words[0] = "cml";
      INFO(page.filename() << ": " << line);
      GlobalOptions options;
      auto const chosen = choose_command(words, FakeEnvironment(std::map<std::string, std::string>{}), options);
      INFO((chosen ? "" : chosen.error().message));
      CHECK(chosen);
      ++lines;
    }
  }
  CHECK(lines > 150);
}

TEST_CASE("docs: every message that troubleshooting explains is one that the program has", "[app][docs]") {
  std::string sources;
  for (auto const& entry : fs::recursive_directory_iterator(CML_SOURCE_DIR "/src"))
    if (entry.path().extension() == ".cpp" || entry.path().extension() == ".hpp")
      sources += replace_all(text_of_page(entry.path()), "\"\n", "\"") + "\n";
  // Literals that stand in pieces, one a line.
  std::string joined;
  for (std::size_t at = 0; at < sources.size();) {
    auto const quote = sources.find('"', at);
    if (quote == std::string::npos) break;
    joined += sources.substr(at, quote - at);
    auto const next = sources.find_first_not_of(" \n", quote + 1);
    at = next != std::string::npos && sources[next] == '"' && next > quote + 1 ? next + 1 : quote + 1;
    if (at == quote + 1) joined += '"';
  }
  std::size_t messages = 0;
  for (std::string const& line : split(text_of_page(CML_SOURCE_DIR "/docs/troubleshooting.md"), '\n')) {
    if (!line.starts_with("| `")) continue;
    for (std::string const& message : code_of(line.substr(0, line.find(" | ", 2)))) {
      INFO(message);
      CHECK(contains(joined, message));
      ++messages;
    }
  }
  CHECK(messages > 25);
}

TEST_CASE("docs: every page stands in the site's contents, once", "[app][docs]") {
  std::string const contents = text_of_page(CML_SOURCE_DIR "/mkdocs.yml");
  fs::path const docs = CML_SOURCE_DIR "/docs";
  for (auto const& entry : fs::recursive_directory_iterator(docs)) {
    if (entry.path().extension() != ".md") continue;
    std::string const page = ": " + entry.path().lexically_relative(docs).generic_string() + "\n";
    INFO(page);
    auto const at = contents.find(page);
    CHECK(at != std::string::npos);
    CHECK(contents.find(page, at + 1) == std::string::npos);
  }
}

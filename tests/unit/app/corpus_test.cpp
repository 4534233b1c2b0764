// Command lines from real pipelines parse as CML took them; those that CML rejects get a pointed answer.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>

#include "app/program.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// The words of one simple command, as a shell would give them; a CI's ${{ expression }} and $(command) count as one piece each.
std::vector<std::string> shell_words(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  bool any = false;
  auto const flush = [&] {
    if (any) words.push_back(word);
    word.clear();
    any = false;
  };
  for (std::size_t i = 0; i < line.size(); ++i) {
    char const c = line[i];
    auto const take_until = [&](std::string_view end) {
      auto const stop = line.find(end, i);
      std::size_t const last = stop == std::string_view::npos ? line.size() : stop + end.size();
      word += line.substr(i, last - i);
      any = true;
      i = last - 1;
    };
    if (line.substr(i, 3) == "${{") take_until("}}");
    else if (line.substr(i, 2) == "$(") take_until(")");
    else if (c == '"' || c == '\'') {
      any = true;
      for (++i; i < line.size() && line[i] != c; ++i) {
        if (line.substr(i, 3) == "${{") take_until("}}");
        else word += line[i];
      }
    } else if (c == '\\') {
      if (i + 1 < line.size()) word += line[++i], any = true;
    } else if (contains("|&;<>)", std::string_view(&c, 1))) {
      if (word.find_first_not_of("0123456789") == std::string::npos) any = false;  // "2>"
      break;
    } else if (c == ' ' || c == '\t') {
      flush();
    } else {
      word += c;
      any = true;
    }
  }
  flush();
  return words;
}

// The part of a line that starts with cml or cml-...; empty when there is none.
std::string_view cml_part(std::string_view line) {
  for (std::size_t at = line.find("cml"); at != std::string_view::npos; at = line.find("cml", at + 1)) {
    bool const starts = at == 0 || contains(" (;&|\"'`", line.substr(at - 1, 1));
    char const next = at + 3 < line.size() ? line[at + 3] : '\0';
    if (starts && (next == ' ' || next == '-')) return line.substr(at);
  }
  return {};
}

}  // namespace

TEST_CASE("corpus: comment and publish lines of real pipelines mean what they meant to CML", "[app][corpus]") {
  char const* shared = std::getenv("CML_SHARED_DIR");
  if (shared == nullptr) {
    WARN("CML_SHARED_DIR is not set: the corpus of command lines is not checked");
    return;
  }
  std::ifstream file(std::string(shared) + "/reference/wild/corpus.tsv");
  REQUIRE(file);
  std::string row;
  int accepted = 0, rejected = 0;
  while (std::getline(file, row)) {
    auto const columns = split(row, '\t');
    if (columns.size() < 8) continue;
    std::string const& kind = columns[1];
    bool const ours = contains(kind, "comment") || contains(kind, "publish");
    // Lines inside a program's own string cannot be cut out by a shell's rules.
    if (!ours || contains(columns[3], "os.system") || contains(columns[3], "%s") || contains(columns[3], "subprocess")) continue;
    std::string_view const part = cml_part(columns[3]);
    if (part.empty()) continue;
    auto words = shell_words(part);
    INFO(columns[0] << "  " << columns[3]);
    GlobalOptions options;
    auto const chosen = choose_command(words, FakeEnvironment(), options);
    INFO((chosen ? "" : chosen.error().message));
    // "--json" became an option of ours; "-- md" hands over "md" as a file, which then is missing.
    bool const unknown = contains(columns[7], "unknown-option") && !contains(columns[3], "--json");
    if (unknown && !contains(columns[3], "-- ")) {
      ++rejected;
      CHECK_FALSE(chosen);
      if (!chosen) CHECK((contains(chosen.error().message, "use ") || contains(chosen.error().message, "did you mean") ||
                          contains(chosen.error().message, "the report is the argument") ||
                          contains(chosen.error().message, "unexpected argument")));
    } else if (chosen) {
      ++accepted;
      bool const publishes = contains(words[0], "publish") || (words.size() > 1 && words[1] == "publish") ||
                             (words.size() > 2 && words[1] == "asset");
      if (chosen->command != nullptr) CHECK((chosen->command->name == "asset publish") == publishes);
    } else {
      // What is left has no report, several words, or an option that CML does not have either.
      CHECK((contains(chosen.error().message, "needs REPORT") || contains(chosen.error().message, "unexpected argument") ||
             contains(chosen.error().message, "did you mean") || contains(chosen.error().message, "use ")));
    }
  }
  CHECK(accepted > 250);
  CHECK(rejected > 25);
}

// Command lines from real pipelines parse as CML took them; those that CML rejects get a pointed answer.
#include <catch2/catch.hpp>

#include <algorithm>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>

#include "app/commands.hpp"
#include "app/parser.hpp"
#include "app/program.hpp"
#include "base/text.hpp"
#include "support/fakes.hpp"
#include "support/shell_words.hpp"

using namespace cml;
using namespace cml::test;

namespace {

// --- CML 0.20's own options, from its help, and how its parser read them. Independent of our declarations.

struct CmlOption {
  std::string_view names;  // "--merge,--auto-merge"
  enum Kind { Text, Truth } kind;
};
struct CmlCommand {
  std::string_view kind;  // Of the corpus: a part of its second column.
  std::string_view ours;  // The command that it is here.
  std::vector<CmlOption> options;
};
std::vector<CmlOption> const kGlobal{{"--log", CmlOption::Text},
                                     {"--driver", CmlOption::Text},
                                     {"--repo", CmlOption::Text},
                                     {"--driver-token,--token", CmlOption::Text}};
std::vector<CmlCommand> const kCommands{
    {"comment",
     "comment",
     {{"--target", CmlOption::Text},
      {"--pr", CmlOption::Truth},
      {"--commit-sha,--head-sha", CmlOption::Text},
      {"--watch", CmlOption::Truth},
      {"--trigger-file", CmlOption::Text},
      {"--publish", CmlOption::Truth},
      {"--publish-url", CmlOption::Text},
      {"--publish-native,--native", CmlOption::Truth},
      {"--update", CmlOption::Truth},
      {"--rm-watermark", CmlOption::Truth},
      {"--watermark-title", CmlOption::Text}}},
    {"publish",
     "asset publish",
     {{"--url", CmlOption::Text},
      {"--md", CmlOption::Truth},
      {"--title,-t", CmlOption::Text},
      {"--native", CmlOption::Truth},
      {"--gitlab-uploads", CmlOption::Truth},
      {"--rm-watermark", CmlOption::Truth},
      {"--mime-type", CmlOption::Text},
      {"--file,-f", CmlOption::Text}}},
    {"check",
     "check create",
     {{"--commit-sha,--head-sha", CmlOption::Text},
      {"--conclusion", CmlOption::Text},
      {"--status", CmlOption::Text},
      {"--title", CmlOption::Text}}},
    {"pr",
     "pr create",
     {{"--md", CmlOption::Truth},
      {"--skip-ci", CmlOption::Truth},
      {"--merge,--auto-merge", CmlOption::Truth},
      {"--rebase", CmlOption::Truth},
      {"--squash", CmlOption::Truth},
      {"--branch", CmlOption::Text},
      {"--target-branch", CmlOption::Text},
      {"--title", CmlOption::Text},
      {"--body", CmlOption::Text},
      {"--message", CmlOption::Text},
      {"--remote", CmlOption::Text},
      {"--user-email", CmlOption::Text},
      {"--user-name", CmlOption::Text}}},
    {"ci",
     "repo prepare",
     {{"--fetch-depth", CmlOption::Text},
      {"--unshallow", CmlOption::Truth},
      {"--user-email", CmlOption::Text},
      {"--user-name", CmlOption::Text}}},
    {"workflow", "workflow rerun", {{"--id", CmlOption::Text}}},
    {"runner",
     "runner launch",
     {{"--labels", CmlOption::Text},
      {"--idle-timeout", CmlOption::Text},
      {"--name", CmlOption::Text},
      {"--no-retry", CmlOption::Truth},
      {"--single", CmlOption::Truth},
      {"--reuse", CmlOption::Truth},
      {"--reuse-idle", CmlOption::Truth},
      {"--workdir,--path", CmlOption::Text},
      {"--docker-volumes", CmlOption::Text},
      {"--cloud", CmlOption::Text},
      {"--cloud-region", CmlOption::Text},
      {"--cloud-type", CmlOption::Text},
      {"--cloud-permission-set", CmlOption::Text},
      {"--cloud-metadata", CmlOption::Text},
      {"--cloud-gpu", CmlOption::Text},
      {"--cloud-hdd-size", CmlOption::Text},
      {"--cloud-ssh-private", CmlOption::Text},
      {"--cloud-spot", CmlOption::Truth},
      {"--cloud-spot-price", CmlOption::Text},
      {"--cloud-startup-script", CmlOption::Text},
      {"--cloud-aws-security-group", CmlOption::Text},
      {"--cloud-aws-subnet,--cloud-aws-subnet-id", CmlOption::Text},
      {"--cloud-kubernetes-node-selector", CmlOption::Text},
      {"--cloud-image", CmlOption::Text},
      {"--tpi-version", CmlOption::Text},
      {"--cml-version", CmlOption::Text},
      {"--tf-resource,--tf_resource", CmlOption::Text},
      {"--gcp-access-token", CmlOption::Text},
      {"--runner-path", CmlOption::Text},
      {"--destroy-delay", CmlOption::Text}}},
    {"tensorboard",
     "tensorboard connect",
     {{"--credentials,-c", CmlOption::Text},
      {"--logdir", CmlOption::Text},
      {"--name", CmlOption::Text},
      {"--description", CmlOption::Text},
      {"--title,-t", CmlOption::Text},
      {"--md", CmlOption::Truth},
      {"--file,-f", CmlOption::Text},
      {"--rm-watermark", CmlOption::Truth}}},
};

// What a line means: options by their first name, the rest in order.
struct Meaning {
  std::map<std::string, std::string> options;
  std::vector<std::string> rest;
};

CmlOption const* find_option(CmlCommand const& command, std::string const& name) {
  for (std::vector<CmlOption> const* list : {&command.options, &kGlobal})
    for (CmlOption const& option : *list)
      for (std::string const& one : split(option.names, ','))
        if (one == name) return &option;
  return nullptr;
}

Meaning read_as_cml(CmlCommand const& command, std::vector<std::string> const& words) {
  Meaning meaning;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string name = words[i].substr(0, words[i].find('='));
    bool const equals = name.size() < words[i].size();
    std::string value = equals ? words[i].substr(name.size() + 1) : "";
    bool const negated = name.substr(0, 5) == "--no-" && find_option(command, name) == nullptr;
    if (negated) name = "--" + name.substr(5);
    CmlOption const* const option = words[i].size() > 1 && words[i][0] == '-' ? find_option(command, name) : nullptr;
    if (option == nullptr) {
      if (words[i] != "--") meaning.rest.push_back(words[i]);
      continue;
    }
    if (option->kind == CmlOption::Truth) {
      std::string const next = i + 1 < words.size() ? to_lower(words[i + 1]) : "";
      if (!equals && (next == "true" || next == "false"))
        value = next, ++i;
      else if (!equals)
        value = negated ? "false" : "true";
      value = to_lower(value);
    } else if (!equals && i + 1 < words.size()) {
      value = words[++i];
    }
    meaning.options[split(option->names, ',')[0]] = value;
  }
  return meaning;
}

// What our declarations make of the words; nothing when they are refused.
Result<Meaning> read_as_ours(Command const& command, std::vector<std::string> const& words,
                             CmlCommand const& reference) {
  Meaning meaning;
  Flags flags, global;
  Action const action = command.declare(flags);
  for (CmlOption const& option : kGlobal) {
    static std::string ignored;
    global.text(option.names, &ignored, "");
  }
  for (Flags* list : {&flags, &global})
    for (Flag const& flag : list->all()) {
      // CML's first name for it, whatever ours is.
      std::string shown = flag.names.front();
      for (std::string const& name : flag.names)
        if (CmlOption const* const option = find_option(reference, name)) shown = split(option->names, ',')[0];
      const_cast<Flag&>(flag).apply = [&meaning, shown](std::string const& value) {
        return meaning.options[shown] = value, ok();
      };
    }
  ParseTask const task{"cml " + std::string(command.name), "", &flags, &global, {}};
  CML_TRY(parsed, parse_words(task, words, FakeEnvironment()));
  if (flags.positionals().values != nullptr) meaning.rest = *flags.positionals().values;
  return meaning;
}

// Table: lines that CML took in another way, or not at all; each reason stands in docs/cml-differences.md.
struct Difference {
  std::string_view part, reason;
};
constexpr Difference kDifferences[] = {
    {"--json", "`--json` is an option of every command"},
    {"--pr=", "`--pr=NUMBER` names the pull request"},
};
// Lines of other kinds, which are not checked here, and why.
constexpr Difference kElsewhere[] = {
    {"env", "not a command line; names are tested in parser_test"},
    {"vega-cli", "not cml"},
    {"other", "not cml, or written in a program's own string"},
};

struct Line {
  std::string id, kind, text, notes;
};
std::vector<Line> read_corpus(std::string const& shared) {
  std::ifstream file(shared + "/reference/wild/corpus.tsv");
  std::vector<Line> lines;
  std::string row;
  while (std::getline(file, row)) {
    auto const columns = split(row, '\t');
    if (columns.size() >= 8 && columns[0] != "id") lines.push_back({columns[0], columns[1], columns[3], columns[7]});
  }
  return lines;
}

}  // namespace

TEST_CASE("corpus: the lines of real pipelines mean here what they meant to CML 0.20", "[app][corpus]") {
  char const* shared = std::getenv("CML_SHARED_DIR");
  if (shared == nullptr) {
    WARN("CML_SHARED_DIR is not set: the corpus of command lines is not checked");
    return;
  }
  auto const lines = read_corpus(shared);
  REQUIRE(lines.size() > 700);
  std::map<std::string_view, int> same, rejected;
  int elsewhere = 0, different = 0;
  for (Line const& line : lines) {
    // Lines inside a program's own string cannot be cut out by a shell's rules.
    bool const embedded = contains(line.text, "os.system") || contains(line.text, "%s") ||
                          contains(line.text, "subprocess") || contains(line.text, "<TOKEN>") ||
                          contains(line.text, "cml-runner-gcp");  // A redirection; another program.
    CmlCommand const* reference = nullptr;
    for (CmlCommand const& command : kCommands)
      if (contains(line.kind, command.kind) && reference == nullptr) reference = &command;
    bool skipped = embedded;
    for (Difference const& row : kElsewhere)
      skipped = skipped ||
                (contains(line.kind, row.part) && !contains(line.kind, "publish") && !contains(line.kind, "comment"));
    std::string_view const part = cml_part(line.text);
    if (skipped || reference == nullptr || part.empty()) {
      ++elsewhere;
      continue;
    }
    auto words = shell_words(part);
    INFO(line.id << "  " << line.text);
    GlobalOptions options;
    auto const chosen = choose_command(words, FakeEnvironment(), options);
    INFO((chosen ? "" : chosen.error().message));
    bool known_difference = false;
    for (Difference const& row : kDifferences) known_difference = known_difference || contains(line.text, row.part);
    if (known_difference) {
      ++different;
      CHECK((chosen || contains(line.text, "--verbose")));  // One line has another invented option besides.
      continue;
    }
    if (contains(line.notes, "unknown-option") && !contains(line.text, "-- ")) {
      ++rejected[reference->ours];
      CHECK_FALSE(chosen);
      bool pointed = false;
      for (std::string_view hint : {"use ", "did you mean", "the report is the argument", "unexpected argument",
                                    "name the files", "has no option"})
        pointed = pointed || (!chosen && contains(chosen.error().message, hint));
      CHECK(pointed);
      continue;
    }
    if (!chosen) {  // No report, or several words where CML takes one: CML refuses these, too.
      ++rejected[reference->ours];
      CHECK((contains(chosen.error().message, "needs REPORT") ||
             contains(chosen.error().message, "unexpected argument") ||
             contains(chosen.error().message, "did you mean")));
      continue;
    }
    if (chosen->command == nullptr) continue;  // --help, --version.
    std::string_view const name = chosen->command->name;
    // One line may hold both a comment and a publish; which comes first decides.
    if (reference->ours != "comment" || name.substr(0, 7) != "comment")
      for (CmlCommand const& command : kCommands)
        if (command.ours == name) reference = &command;
    CHECK((name == reference->ours || (reference->ours == "comment" && name.substr(0, 7) == "comment")));
    // The words behind those that name the command.
    std::size_t behind = 1;
    if (words[0].substr(0, 4) != "cml-") {
      while (behind < words.size() && words[behind][0] == '-') ++behind;
      std::string const two = behind + 1 < words.size() ? words[behind] + " " + words[behind + 1] : "";
      bool const noun_and_verb = two == name || (two == "comment create") || (two == "comment update");
      words.erase(words.begin() + static_cast<std::ptrdiff_t>(behind),
                  words.begin() + static_cast<std::ptrdiff_t>(behind + (noun_and_verb ? 2 : 1)));
    }
    words.erase(words.begin());
    // Without a report CML refuses; ours does when it runs, unless options or a cml.yaml say what to show.
    if (name.substr(0, 8) == "comment " && std::all_of(words.begin(), words.end(), [](std::string const& word) {
          return word[0] == '-' && !contains(word, "=");
        })) {
      ++rejected[reference->ours];
      continue;
    }
    Meaning const expected = read_as_cml(*reference, words);
    auto const ours = read_as_ours(*chosen->command, words, *reference);
    INFO((ours ? "" : ours.error().message));
    REQUIRE(ours);
    CHECK(ours->options == expected.options);
    CHECK(ours->rest == expected.rest);
    ++same[name];
  }
  int all_same = 0, all_rejected = 0;
  for (auto const& [name, count] : same) all_same += count;
  for (auto const& [name, count] : rejected) all_rejected += count;
  INFO(all_same << " same, " << all_rejected << " rejected, " << different << " different, " << elsewhere
                << " elsewhere of " << lines.size());
  CHECK(all_same > 320);
  CHECK(all_rejected > 25);
  CHECK(same["pr create"] > 40);
  CHECK(same["repo prepare"] == 8);
  CHECK(same["check create"] >= 6);
  CHECK(same["tensorboard connect"] > 10);
}

TEST_CASE("corpus: every option of CML 0.20 is taken by its command, in every spelling and from every variable",
          "[app][corpus]") {
  // What the options that choose from a list may be.
  std::map<std::string_view, std::string_view> const allowed{
      {"--log", "debug"},      {"--driver", "gitlab"},     {"--conclusion", "neutral"}, {"--status", "queued"},
      {"--cloud", "aws"},      {"--fetch-depth", "3"},     {"--cloud-hdd-size", "9"},   {"--cloud-spot-price", "0.5"},
      {"--idle-timeout", "7"}, {"--cloud-metadata", "a=b"}};
  // Prefixes of variables, the newer first; CML 0.20 reads the older ones for all of its commands but these that have
  // none.
  std::map<std::string_view, std::vector<std::string_view>> const prefixes{
      {"comment create", {"CML_COMMENT_", "CML_SEND_COMMENT_"}},
      {"comment update", {"CML_COMMENT_", "CML_SEND_COMMENT_"}},
      {"asset publish", {"CML_ASSET_", "CML_PUBLISH_"}},
      {"check create", {"CML_CHECK_", "CML_SEND_GITHUB_CHECK_"}},
      {"pr create", {"CML_PR_"}},
      {"repo prepare", {"CML_REPO_", "CML_CI_"}},
      {"workflow rerun", {"CML_WORKFLOW_", "CML_RERUN_WORKFLOW_"}},
      {"runner launch", {"CML_RUNNER_"}},
      {"tensorboard connect", {"CML_TENSORBOARD_", "CML_TENSORBOARD_DEV_"}}};
  int taken = 0;
  for (auto const& row : prefixes) {
    std::string_view const name = row.first;
    std::vector<std::string_view> const& command_prefixes = row.second;
    Command const* ours = nullptr;
    for (Command const& command : commands())
      if (command.name == name) ours = &command;
    REQUIRE(ours != nullptr);
    CHECK(ours->environment == command_prefixes);
    CmlCommand const* reference = nullptr;
    for (CmlCommand const& command : kCommands)
      if (command.ours == name || (command.ours == "comment" && name.substr(0, 8) == "comment ")) reference = &command;
    REQUIRE(reference != nullptr);
    for (std::vector<CmlOption> const* list : {&reference->options, &kGlobal}) {
      for (CmlOption const& option : *list) {
        for (std::string const& spelling : split(option.names, ',')) {
          auto const sample = allowed.find(split(option.names, ',')[0]);
          std::string const value =
              option.kind == CmlOption::Truth ? "true" : std::string(sample == allowed.end() ? "some" : sample->second);
          INFO(name << " " << spelling);
          auto const meaning = [&](std::vector<std::string> words, std::map<std::string, std::string> variables) {
            Flags flags;
            GlobalOptions options;
            Action const action = ours->declare(flags);
            Flags global = global_flags(options);
            if (flags.positionals().at_least > 0) words.insert(words.begin(), "report.md");
            std::map<std::string, std::string> seen;
            for (Flags* each : {&flags, &global})
              for (Flag const& flag : each->all())
                const_cast<Flag&>(flag).apply = [&seen, &flag](std::string const& given) {
                  return seen[Catch::Detail::stringify(flag.names)] = given, ok();
                };
            auto const parsed = parse_words({"cml " + std::string(name), "", &flags, &global, ours->environment}, words,
                                            FakeEnvironment(std::move(variables)));
            INFO((parsed ? "" : parsed.error().message));
            CHECK(parsed);
            return seen;
          };
          auto const expected = meaning({spelling + "=" + value}, {});
          REQUIRE(expected.size() == 1);
          CHECK(expected.begin()->second == value);
          CHECK(meaning({spelling, value}, {}) == expected);
          if (option.kind == CmlOption::Truth) CHECK(meaning({spelling}, {}) == expected);
          if (spelling.size() == 2) continue;
          std::string camel;
          for (std::size_t i = 2; i < spelling.size(); ++i)
            camel +=
                spelling[i] == '-' && ++i < spelling.size() ? to_upper(spelling.substr(i, 1)) : spelling.substr(i, 1);
          CHECK(meaning({"--" + camel + "=" + value}, {}) == expected);
          std::string const upper = replace_all(to_upper(spelling.substr(2)), "-", "_");
          for (std::string_view prefix : command_prefixes)
            CHECK(meaning({}, {{std::string(prefix) + upper, value}}) == expected);
          if (list == &kGlobal) CHECK(meaning({}, {{"CML_" + upper, value}}) == expected);
          ++taken;
        }
      }
    }
  }
  CHECK(taken > 130);
}

TEST_CASE("corpus: what differs from CML stands in the documentation", "[app][corpus][docs]") {
  std::ifstream file(CML_SOURCE_DIR "/docs/cml-differences.md");
  REQUIRE(file);
  std::string const text((std::istreambuf_iterator<char>(file)), {});
  for (Difference const& row : kDifferences) CHECK(contains(text, row.reason));
}

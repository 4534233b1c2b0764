#include "app/program.hpp"

#include <algorithm>

#include "app/commands.hpp"
#include "app/help.hpp"
#include "app/parser.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

struct Found {
  Command const* command = nullptr;
  std::string_view notice;
  std::vector<std::string> rest;  // The words without those that named the command.
  std::string noun, next;         // Named by one word: it, and the word behind it when that is no option.
};

// The command's words are the first ones that are neither an option nor the value of a global option.
Found find_command(std::vector<std::string> const& words, Flags const& global) {
  std::vector<std::size_t> plain;
  for (std::size_t i = 0; i < words.size() && plain.size() < 2; ++i) {
    if (words[i].empty() || words[i][0] != '-' || words[i] == "-") {
      plain.push_back(i);
      continue;
    }
    for (Flag const& flag : global.all())
      if (flag.kind == Flag::Kind::Text &&
          std::find(flag.names.begin(), flag.names.end(), words[i]) != flag.names.end())
        ++i;
  }
  auto const take = [&](std::size_t count) {
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < words.size(); ++i)
      if (std::find(plain.begin(), plain.begin() + static_cast<std::ptrdiff_t>(count), i) ==
          plain.begin() + static_cast<std::ptrdiff_t>(count))
        rest.push_back(words[i]);
    return rest;
  };
  for (std::size_t count : {std::size_t{2}, std::size_t{1}}) {
    if (plain.size() < count) continue;
    std::string const name = count == 2 ? words[plain[0]] + " " + words[plain[1]] : words[plain[0]];
    for (Command const& command : commands()) {
      bool const has_next = count == 1 && plain.size() > 1 && plain[1] == plain[0] + 1;
      std::string const noun = count == 1 ? name : "", next = has_next ? words[plain[1]] : "";
      if (command.name == name) return {&command, "", take(count), noun, next};
      for (CommandAlias const& alias : command.aliases)
        if (alias.name == name) return {&command, alias.notice, take(count), noun, next};
    }
  }
  return {};
}

// "comment creat": the noun alone is an older spelling that takes a file, but this is no file's name and close to a
// verb of that noun.
std::string_view meant_verb(Found const& found) {
  if (found.next.find_first_of("./") != std::string::npos) return {};
  std::vector<std::string_view> verbs;
  for (Command const& command : commands())
    if (command.name.substr(0, found.noun.size() + 1) == found.noun + " ")
      verbs.push_back(command.name.substr(found.noun.size() + 1));
  return nearest(found.next, verbs);
}

Error unknown_command(std::vector<std::string> const& words) {
  std::vector<std::string_view> names;
  for (Command const& command : commands()) {
    names.push_back(command.name);
    for (CommandAlias const& alias : command.aliases) names.push_back(alias.name);
  }
  std::vector<std::string> plain;
  for (std::string const& word : words)
    if (!word.empty() && word[0] != '-') plain.push_back(word);
  if (plain.empty())
    return {ErrorKind::Usage,
            "cml has no option " + one_line(words.front(), 60) + " without a command; see cml --help"};
  std::string const two = plain.size() > 1 ? plain[0] + " " + plain[1] : plain[0];
  std::string_view near = nearest(two, names);
  if (near.empty()) near = nearest(plain[0], names);
  return {ErrorKind::Usage, "unknown command \"" + one_line(plain[0], 60) + "\"" +
                                (near.empty() ? "; see cml --help" : "; did you mean cml " + std::string(near) + "?")};
}

}  // namespace

namespace {

Result<std::chrono::seconds> seconds_of(std::string const& value) {
  auto const seconds = parse_integer(value);
  if (!seconds || *seconds < 1 || *seconds > 86'400)
    return Error{ErrorKind::Usage, "not a number of seconds from 1 to 86400: " + one_line(value, 40)};
  return std::chrono::seconds(*seconds);
}

}  // namespace

Flags global_flags(GlobalOptions& options) {
  Flags flags;
  flags.choice("--log", &options.log, kLogLevels, "What to say on stderr");
  flags.text("--driver", &options.driver,
             "Forge: github, gitlab, bitbucket, gitea or local; found from the repository when not given");
  flags.text("--repo", &options.repo, "Repository: URL, git@host:owner/name or owner/name");
  flags.secret("--token,--driver-token", &options.token, "Token for the forge; better given as REPO_TOKEN");
  flags.text("--api-url", &options.api_url, "Base of the forge's API, for gateways and tests");
  flags.boolean("--insecure-http", &options.insecure_http, "Allow plain http to hosts other than this machine");
  flags.boolean("--json", &options.json, "Print the result as JSON");
  flags.boolean("--dry-run", &options.dry_run, "Print what would be done and send nothing");
  flags
      .list("--allow-file", &options.allowed_files,
            "Read untracked files of this name although it is one that credentials have (.env, *.pem); repeatable")
      .takes("GLOB");
  flags
      .list("--dvc-cache", &options.dvc_caches,
            "A DVC cache outside the workspace that links may lead into; repeatable")
      .takes("FOLDER");
  flags
      .each("--plot-time", Flag::Kind::Text,
            "Processor time that one plot of a report may take, in seconds (default 60)",
            [&options](std::string const& value) -> Status {
              CML_TRY(seconds, seconds_of(value));
              return options.drawing.processor_time = seconds, ok();
            })
      .takes("SECONDS");
  flags
      .each("--plot-memory", Flag::Kind::Text, "Memory that one plot of a report may take, in MiB (default 4096)",
            [&options](std::string const& value) -> Status {
              auto const mebibytes = parse_integer(value);
              if (!mebibytes || *mebibytes < 256 || *mebibytes > 1'048'576)
                return Error{ErrorKind::Usage, "not a number of MiB from 256 to 1048576: " + one_line(value, 40)};
              return options.drawing.memory_bytes = static_cast<std::uint64_t>(*mebibytes) << 20, ok();
            })
      .takes("MIB");
  flags
      .each("--total-plot-time", Flag::Kind::Text,
            "Processor time that all plots of one run may take, in seconds (default 600)",
            [&options](std::string const& value) -> Status {
              CML_TRY(seconds, seconds_of(value));
              return options.drawing.total_processor_time = seconds, ok();
            })
      .takes("SECONDS");
  flags
      .each("--plot-budget", Flag::Kind::Text,
            "Times the work and the data that one drawing may take, which are counted (default 1)",
            [&options](std::string const& value) -> Status {
              auto const factor = parse_integer(value);
              if (!factor || *factor < 1 || *factor > 1000)
                return Error{ErrorKind::Usage, "not a whole number from 1 to 1000: " + one_line(value, 40)};
              return options.plot_budget = static_cast<double>(*factor), ok();
            })
      .takes("FACTOR");
  return flags;
}

std::string_view version() { return CML_VERSION; }

Result<ChosenCommand> choose_command(std::vector<std::string> const& arguments, Environment const& environment,
                                     GlobalOptions& options) {
  std::vector<std::string> words = arguments.empty() ? std::vector<std::string>{} : words_of_program_name(arguments[0]);
  bool const multi_call = !words.empty();
  if (!arguments.empty()) words.insert(words.end(), arguments.begin() + 1, arguments.end());
  ChosenCommand chosen;
  if (std::find(words.begin(), words.end(), "--version") != words.end() &&
      (multi_call || words.front().substr(0, 1) == "-" || words.size() <= 2)) {
    chosen.answer = std::string(version()) + "\n";
    return chosen;
  }
  bool const asks_version = words.size() == 1 && (words[0] == "version" || words[0] == "-V");
  if (asks_version) {
    chosen.answer = std::string(version()) + "\n";
    return chosen;
  }
  if (words.size() > 1 && words[0] == "help") {  // "cml help comment update"
    words.erase(words.begin());
    words.push_back("--help");
  }
  Flags const global = global_flags(options);
  Found const found = find_command(words, global);
  if (found.command == nullptr) {
    bool const asks_help =
        words.empty() || words[0] == "help" ||
        std::any_of(words.begin(), words.end(), [](auto const& w) { return w == "--help" || w == "-h"; });
    if (!asks_help) return unknown_command(words);
    chosen.answer = commands_help(help_width(environment));
    return chosen;
  }
  chosen.command = found.command;
  chosen.notice = found.notice;
  Flags flags;
  chosen.action = found.command->declare(flags);
  if (!found.next.empty() && flags.positionals().at_most <= 1)  // Globs may be words of any kind.
    if (std::string_view const verb = meant_verb(found); !verb.empty())
      return Error{ErrorKind::Usage, "unknown command \"" + one_line(found.noun + " " + found.next, 60) +
                                         "\"; did you mean cml " + found.noun + " " + std::string(verb) + "?"};
  ParseTask const task{"cml " + std::string(found.command->name), std::string(found.command->summary), &flags, &global,
                       found.command->environment};
  CML_TRY(parsed, parse_words(task, found.rest, environment));
  chosen.answer = std::move(parsed.help);
  return chosen;
}

Status run_program(std::vector<std::string> const& arguments, Context& context) {
  CML_TRY(chosen, choose_command(arguments, context.environment, context.options));
  if (chosen.answer) return context.console.out(*chosen.answer);
  context.console.set_level(context.options.log);
  if (!chosen.notice.empty()) context.console.log(LogLevel::Warn, chosen.notice);
  return chosen.action(context);
}

}  // namespace cml

#include "app/help.hpp"

#include <algorithm>

#include "app/commands.hpp"
#include "app/examples.hpp"
#include "app/program.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

constexpr std::size_t kColumn = 28;  // Where the words about an option begin.

std::string entry_of(std::string const& names, std::string_view says, std::size_t column, std::size_t width) {
  std::string line = "  " + names;
  if (line.size() + 2 > column)
    line += "\n" + std::string(column, ' ');
  else
    line.resize(column, ' ');
  return line + wrapped(says, column, width) + "\n";
}

std::string entry_of(Flag const& flag, std::size_t width) {
  std::string names;
  for (std::string const& name : flag.names) names += (names.empty() ? "" : ", ") + name;
  return entry_of(names + value_of_option(flag), flag.help, kColumn, width);
}

std::string options_of(std::string const& heading, Flags const& flags, std::string const& group, std::size_t width) {
  std::string text;
  for (Flag const& flag : flags.all())
    if (!flag.hidden && flag.group == group) text += entry_of(flag, width);
  return text.empty() ? text : "\n" + heading + ":\n" + text;
}

// The other commands of the same noun.
std::string related(std::string_view title) {
  std::string_view const name = title.substr(std::min<std::size_t>(title.size(), 4));  // Behind "cml ".
  std::string_view const noun = name.substr(0, name.find(' '));
  std::string text;
  for (Command const& command : commands())
    if (command.listed && command.name != name && command.name.starts_with(std::string(noun) + " "))
      text += (text.empty() ? "" : ", ") + ("cml " + std::string(command.name));
  return text;
}

// What the commands are for, by their first word.
struct Purpose {
  std::string_view heading;
  std::vector<std::string_view> nouns;
};
std::vector<Purpose> const& purposes() {
  static std::vector<Purpose> const table{{"Reports and plots", {"report", "vega-render"}},
                                          {"On the forge", {"comment", "check", "asset", "pr", "repo", "workflow"}},
                                          {"Runners", {"runner"}},
                                          {"Getting started", {"init", "doctor", "completion"}}};
  return table;
}

}  // namespace

std::string value_of_option(Flag const& flag) {
  if (flag.kind == Flag::Kind::Boolean) return "";
  std::string value = flag.value;
  if (!flag.choices.empty()) {
    value.clear();
    for (std::string const& choice : flag.choices) value += (value.empty() ? "" : "|") + choice;
  }
  return flag.kind == Flag::Kind::OptionalText ? "[=" + value + "]" : " " + value;
}

std::size_t help_width(Environment const& environment) {
  constexpr long long kLeast = 60, kUsual = 100, kMost = 160;
  auto const columns = parse_integer(environment.get("COLUMNS").value_or(""));
  return static_cast<std::size_t>(columns ? std::clamp(*columns, kLeast, kMost) : kUsual);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string result;
  std::size_t column = indent;
  for (std::string const& word : split(text, ' ')) {
    std::size_t const length = utf8_length(word);
    if (column > indent && column + 1 + length > width) {
      result += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      result += ' ';
      ++column;
    }
    result += word;
    column += length;
  }
  return result;
}

std::string command_help(ParseTask const& task, std::size_t width) {
  Positional const& positional = task.flags->positionals();
  std::string text = task.summary + "\n\nUsage: " + task.title + " [OPTIONS]";
  std::string const name = positional.name + (positional.at_most > 1 ? "..." : "");
  if (positional.at_most > 0) text += positional.at_least > 0 ? " " + name : " [" + name + "]";
  text += "\n";
  auto const& examples = examples_of(std::string_view(task.title).substr(std::min<std::size_t>(task.title.size(), 4)));
  if (!examples.empty()) text += "\nExamples:\n";
  for (Example const& example : examples) {
    text += "  " + std::string(example.line) + "\n";
    if (!example.says.empty()) text += "      " + wrapped(example.says, 6, width) + "\n";
  }
  if (positional.at_most > 0) text += "\nArguments:\n" + entry_of(positional.name, positional.help, kColumn, width);
  std::vector<std::string> groups;
  for (Flag const& flag : task.flags->all())
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end()) groups.push_back(flag.group);
  for (std::string const& group : groups) text += options_of(group, *task.flags, group, width);
  text += options_of("Global options", *task.global, "Options", width);
  text += entry_of("--help", "Show this help", kColumn, width);
  if (!task.flags->footer().empty()) text += "\n" + wrapped(task.flags->footer(), 0, width) + "\n";
  if (!task.prefixes.empty())
    text += "\n" +
            wrapped("An option may also stand in the environment: --some-option as " +
                        std::string(task.prefixes.front()) + "SOME_OPTION.",
                    0, width) +
            "\n";
  if (std::string const others = related(task.title); !others.empty())
    text += "\n" + wrapped("Related: " + others, 9, width) + "\n";
  return text;
}

std::string commands_help(std::size_t width) {
  std::string text = "cml " + std::string(version()) +
                     ": says what a model run did, where reviewers look\n\nUsage: cml COMMAND [OPTIONS]\n";
  for (Purpose const& purpose : purposes()) {
    text += "\n" + std::string(purpose.heading) + ":\n";
    for (std::string_view noun : purpose.nouns)
      for (Command const& command : commands())
        if (command.listed && (command.name == noun || command.name.starts_with(std::string(noun) + " ")))
          text += entry_of(std::string(command.name), command.summary, 22, width);
  }
  return text + "\n" +
         wrapped(
             "cml COMMAND --help shows examples and options. Options of every command: --log --driver --repo "
             "--token --json --dry-run. cml --version prints the version.",
             0, width) +
         "\n";
}

}  // namespace cml

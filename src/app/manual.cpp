#include "app/manual.hpp"

#include <algorithm>
#include <cstdio>

#include "app/declared.hpp"
#include "app/examples.hpp"
#include "app/help.hpp"
#include "app/parser.hpp"
#include "app/program.hpp"
#include "base/text.hpp"
#include "vega/value/unicode.hpp"

namespace cml {
namespace {

std::string named_code(char32_t code) {
  char name[16];
  std::snprintf(name, sizeof name, "\\[u%04X]", static_cast<unsigned>(code));
  return name;
}
// Text of one paragraph: what roff would read as a command or an escape is shown instead.
std::string roff(std::string_view text) {
  std::string result;
  std::string const line = one_line(text, std::string::npos);
  for (std::size_t at = 0; at < line.size();) {
    char32_t const code = vega::decode_utf8(line, at);
    if (code == '\\')
      result += "\\e";
    else if (code == '-')
      result += "\\-";
    else if (code < 0x80)
      result += static_cast<char>(code);
    else  // roff reads bytes; a character has its number as a name.
      result += named_code(code);
  }
  return result.starts_with('.') || result.starts_with('\'') ? "\\&" + result : result;
}

std::string page_name(std::string_view command) { return "cml-" + replace_all(std::string(command), " ", "-"); }

std::string head(std::string const& name, std::string_view summary) {
  return ".TH " + to_upper(replace_all(name, "-", "\\-")) + " 1 \"\" \"cml " + std::string(version()) +
         "\" \"User commands\"\n.SH NAME\n" + roff(name) + " \\- " + roff(summary) + "\n";
}

std::string placeholder(Flag const& flag) {
  std::string const value = value_of_option(flag);
  return value.starts_with(' ') ? " " + roff(value) : roff(value);
}

std::string entry(Flag const& flag, std::vector<std::string> const& variables) {
  std::string names;
  for (std::string const& name : flag.names) names += (names.empty() ? "\\fB" : ", \\fB") + roff(name) + "\\fR";
  std::string text = ".TP\n" + names + placeholder(flag) + "\n" + roff(flag.help) + ".\n";
  if (!variables.empty()) {
    text += "Environment:";
    for (std::size_t i = 0; i < variables.size(); ++i) text += (i == 0 ? " " : ", ") + roff(variables[i]);
    text += ".\n";
  }
  return text;
}

std::string options(std::string const& heading, Flags const& flags, std::string const& group, ParseTask const& task,
                    bool is_global) {
  std::string text;
  for (Flag const& flag : flags.all())
    if (!flag.hidden && flag.group == group) text += entry(flag, environment_names(task, flag, is_global));
  return text.empty() ? text : ".SH " + to_upper(roff(heading)) + "\n" + text;
}

std::string page_of(DeclaredCommand const& declared, Flags const& global) {
  Command const& command = *declared.command;
  Positional const& positional = declared.flags.positionals();
  ParseTask const task{"cml " + std::string(command.name), std::string(command.summary), &declared.flags, &global,
                       command.environment};
  std::string text = head(page_name(command.name), command.summary);
  text += ".SH SYNOPSIS\n\\fBcml " + roff(command.name) + "\\fR [OPTIONS]";
  if (positional.at_most > 0)
    text += positional.at_least > 0 ? " " + roff(positional.name) : " [" + roff(positional.name) + "]";
  text += "\n.SH DESCRIPTION\n" + roff(command.summary) + ".\n";
  if (positional.at_most > 0) text += ".PP\n" + roff(positional.name + ": " + positional.help) + ".\n";
  if (!declared.flags.footer().empty()) text += ".PP\n" + roff(declared.flags.footer()) + "\n";
  if (auto const& examples = examples_of(command.name); !examples.empty()) {
    text += ".SH EXAMPLES\n";
    for (Example const& example : examples) {
      text += ".TP\n\\fB" + roff(example.line) + "\\fR\n";
      text += example.says.empty() ? "\\&\n" : roff(example.says) + ".\n";
    }
  }
  std::vector<std::string> groups;
  for (Flag const& flag : declared.flags.all())
    if (std::find(groups.begin(), groups.end(), flag.group) == groups.end()) groups.push_back(flag.group);
  for (std::string const& group : groups) text += options(group, declared.flags, group, task, false);
  std::string aliases;
  for (CommandAlias const& alias : command.aliases)
    aliases += (aliases.empty() ? "" : ", ") + ("cml " + std::string(alias.name));
  if (!aliases.empty()) text += ".SH \"OLDER SPELLINGS\"\n" + roff(aliases) + "\n";
  return text + ".SH \"SEE ALSO\"\n.BR cml (1)\n";
}

std::string overview(std::vector<DeclaredCommand> const& commands, Flags const& global) {
  std::string text = head("cml", "reports of machine-learning runs where reviewers look");
  text += ".SH SYNOPSIS\n\\fBcml\\fR COMMAND [OPTIONS]\n.SH COMMANDS\n";
  for (DeclaredCommand const& declared : commands)
    text += ".TP\n.BR " + roff(page_name(declared.command->name)) + " (1)\n" + roff(declared.command->summary) + ".\n";
  text += options("Global options", global, "Options", ParseTask{}, true);
  return text +
         ".SH \"EXIT STATUS\"\n"
         ".TP\n0\nDone; warnings may have been printed.\n"
         ".TP\n1\nThe command line or the input is wrong, or something named does not exist.\n"
         ".TP\n2\nThe report is out, but a threshold was met.\n"
         ".TP\n3\nThe token is missing, wrong, or lacks a permission.\n"
         ".TP\n4\nThe forge could not be reached, or its rate limit is used up.\n"
         ".TP\n5\nThe disk cannot be read or written.\n";
}

}  // namespace

std::vector<ManualPage> manual_pages() {
  auto const commands = declared_commands();
  Flags const global = declared_global_flags();
  std::vector<ManualPage> pages{{"cml.1", overview(commands, global)}};
  for (DeclaredCommand const& declared : commands)
    pages.push_back({page_name(declared.command->name) + ".1", page_of(declared, global)});
  return pages;
}

}  // namespace cml

#include "app/completion.hpp"

#include <algorithm>

#include "app/declared.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

// What may stand at a place of the command line, for each command: its next words, its options, and an option's values.
struct Table {
  std::vector<DeclaredCommand> commands = declared_commands();
  Flags global = declared_global_flags();

  // The command's own, then the global ones that it does not have itself.
  std::vector<Flag const*> flags_of(DeclaredCommand const& declared) const {
    std::vector<Flag const*> flags;
    auto const add = [&](Flags const& from) {
      for (Flag const& flag : from.all()) {
        bool const known = std::any_of(flags.begin(), flags.end(),
                                       [&](Flag const* other) { return long_name(*other) == long_name(flag); });
        if (!flag.hidden && !known) flags.push_back(&flag);
      }
    };
    add(declared.flags);
    add(global);
    return flags;
  }
  // "comment", "asset", ..., each once.
  std::vector<std::string> first_words() const {
    std::vector<std::string> words;
    for (DeclaredCommand const& declared : commands) {
      std::string const word = split(declared.command->name, ' ').front();
      if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
    }
    return words;
  }
  // The global options that a value follows, with `between` between them: what stands before the command.
  std::string with_value(std::string_view between) const {
    std::string names;
    for (Flag const& flag : global.all())
      for (std::string const& name : flag.names)
        if (takes_word(flag)) names += (names.empty() ? "" : std::string(between)) + name;
    return names;
  }
  // What follows a first word.
  std::vector<DeclaredCommand const*> under(std::string const& noun) const {
    std::vector<DeclaredCommand const*> found;
    for (DeclaredCommand const& declared : commands)
      if (declared.command->name.starts_with(noun + " ")) found.push_back(&declared);
    return found;
  }
};

std::string verb_of(DeclaredCommand const& declared) {
  return std::string(declared.command->name.substr(declared.command->name.find(' ') + 1));
}

std::string joined(std::vector<std::string> const& words) {
  std::string text;
  for (std::string const& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

// For single quotes of a shell; on one line.
std::string shell_quoted(std::string_view text) { return "'" + replace_all(one_line(text, 200), "'", "'\\''") + "'"; }

std::string bash(Table const& table) {
  std::string verbs, options, values;
  for (std::string const& noun : table.first_words()) {
    std::vector<std::string> words;
    for (DeclaredCommand const* declared : table.under(noun)) words.push_back(verb_of(*declared));
    if (!words.empty()) verbs += "      " + noun + ") words='" + joined(words) + "' ;;\n";
  }
  for (DeclaredCommand const& declared : table.commands) {
    std::string const name(declared.command->name);
    std::vector<std::string> names{"--help"};
    for (Flag const* flag : table.flags_of(declared)) {
      names.push_back(long_name(*flag));
      if (flag->choices.empty()) continue;
      std::string patterns;
      for (std::string const& one : flag->names) patterns += (patterns.empty() ? "'" : " | '") + name + " " + one + "'";
      values += "      " + patterns + ") words='" + joined(flag->choices) + "' ;;\n";
    }
    options += "      '" + name + "') words='" + joined(names) + "' ;;\n";
  }
  return "# bash completion of cml, made by `cml completion bash`.\n"
         "_cml() {\n"
         "  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
         "  local first='' second='' word words='' before=''\n"
         "  for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
         "    case $before in " +
         table.with_value(" | ") +
         ") before=''; continue ;; esac\n"
         "    before=$word\n"
         "    [[ $word == -* ]] && continue\n"
         "    if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then second=$word; fi\n"
         "  done\n"
         "  if [[ $current == '=' ]]; then current=''; fi\n"
         "  if [[ $previous == '=' ]]; then previous=${COMP_WORDS[COMP_CWORD - 2]}; fi\n"
         "  local command=$first\n"
         "  case $first in\n" +
         [&] {
           std::string nouns;
           for (std::string const& noun : table.first_words())
             if (!table.under(noun).empty()) nouns += (nouns.empty() ? "" : " | ") + noun;
           return "    " + nouns + ") command=\"$first $second\" ;;\n";
         }() +
         "  esac\n"
         "  if [[ -z $first && $current != -* ]]; then\n"
         "    words='" +
         joined(table.first_words()) +
         "'\n"
         "  elif [[ $command == *' ' && $current != -* ]]; then\n"
         "    case $first in\n" +
         verbs +
         "    esac\n"
         "  else\n"
         "    case \"$command $previous\" in\n" +
         values +
         "    esac\n"
         "    if [[ -z $words && $current == -* ]]; then\n"
         "      case $command in\n" +
         replace_all(options, "      '", "        '") +
         "      esac\n"
         "    fi\n"
         "  fi\n"
         "  if [[ -n $words ]]; then\n"
         "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
         "  else\n"
         "    mapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
         "    compopt -o filenames 2>/dev/null\n"
         "  fi\n"
         "  return 0\n"
         "}\n"
         "complete -F _cml cml\n";
}

// "name:what it says", as _describe takes it.
std::string described(std::string_view name, std::string_view help) {
  return shell_quoted(replace_all(std::string(name), ":", "\\:") + ":" + std::string(help));
}

std::string zsh(Table const& table) {
  std::string verbs, options, values, nouns, commands;
  for (std::string const& noun : table.first_words()) {
    auto const under = table.under(noun);
    if (under.empty()) {
      for (DeclaredCommand const& declared : table.commands)
        if (declared.command->name == noun) commands += " " + described(noun, declared.command->summary);
      continue;
    }
    commands += " " + described(noun, [&] {
                  std::vector<std::string> words;
                  for (DeclaredCommand const* declared : under) words.push_back(verb_of(*declared));
                  return joined(words);
                }());
    nouns += (nouns.empty() ? "" : "|") + noun;
    verbs += "      " + noun + ") entries=(";
    for (DeclaredCommand const* declared : under)
      verbs += " " + described(verb_of(*declared), declared->command->summary);
    verbs += ") ;;\n";
  }
  for (DeclaredCommand const& declared : table.commands) {
    std::string const name(declared.command->name);
    options += "      '" + name + "') entries=(" + described("--help", "Show this help");
    for (Flag const* flag : table.flags_of(declared)) {
      options += " " + described(long_name(*flag), flag->help);
      if (flag->choices.empty()) continue;
      std::string patterns;
      for (std::string const& one : flag->names) patterns += (patterns.empty() ? "'" : "|'") + name + " " + one + "'";
      values += "      (" + patterns + ") entries=(" + joined(flag->choices) + ") ;;\n";
    }
    options += ") ;;\n";
  }
  return "#compdef cml\n"
         "# zsh completion of cml, made by `cml completion zsh`.\n"
         "_cml() {\n"
         "  local current=${words[CURRENT]} previous=${words[CURRENT-1]} first='' second='' word command before=''\n"
         "  local -a entries\n"
         "  for word in \"${(@)words[2,CURRENT-1]}\"; do\n"
         "    case $before in (" +
         table.with_value("|") +
         ") before=''; continue ;; esac\n"
         "    before=$word\n"
         "    [[ $word == -* ]] && continue\n"
         "    if [[ -z $first ]]; then first=$word; elif [[ -z $second ]]; then second=$word; fi\n"
         "  done\n"
         "  command=$first\n"
         "  case $first in\n"
         "    (" +
         nouns +
         ") command=\"$first $second\" ;;\n"
         "  esac\n"
         "  if [[ -z $first && $current != -* ]]; then\n"
         "    entries=(" +
         commands +
         ")\n"
         "  elif [[ $command == *' ' && $current != -* ]]; then\n"
         "    case $first in\n" +
         verbs +
         "    esac\n"
         "  else\n"
         "    case \"$command $previous\" in\n" +
         values +
         "    esac\n"
         "    if (( ! $#entries )) && [[ $current == -* ]]; then\n"
         "      case $command in\n" +
         options +
         "      esac\n"
         "    fi\n"
         "  fi\n"
         "  if (( $#entries )); then _describe cml entries; else _files; fi\n"
         "}\n"
         "compdef _cml cml\n";
}

std::string fish(Table const& table) {
  std::string text =
      "# fish completion of cml, made by `cml completion fish`.\n"
      "function __cml_words\n"
      "    set -l words (commandline -opc)\n"
      "    set -l before ''\n"
      "    for word in $words[2..-1]\n"
      "        if contains -- \"$before\" " +
      table.with_value(" ") +
      "\n"
      "            set before ''\n"
      "            continue\n"
      "        end\n"
      "        set before $word\n"
      "        string match -v -- '-*' $word\n"
      "    end\n"
      "end\n"
      "function __cml_at\n"
      "    set -l words (__cml_words)\n"
      "    set -l length (count $argv)\n"
      "    test (count $words) -ge $length; and test \"$words[1..$length]\" = \"$argv\"\n"
      "end\n"
      "function __cml_exactly\n"
      "    set -l words (__cml_words)\n"
      "    test \"$words\" = \"$argv\"\n"
      "end\n";
  for (std::string const& noun : table.first_words()) {
    std::string help;
    for (DeclaredCommand const& declared : table.commands)
      if (declared.command->name == noun) help = declared.command->summary;
    text += "complete -c cml -f -n __cml_exactly -a " + noun + (help.empty() ? "" : " -d " + shell_quoted(help)) + "\n";
    for (DeclaredCommand const* declared : table.under(noun))
      text += "complete -c cml -f -n '__cml_exactly " + noun + "' -a " + verb_of(*declared) + " -d " +
              shell_quoted(declared->command->summary) + "\n";
  }
  for (DeclaredCommand const& declared : table.commands) {
    for (Flag const* flag : table.flags_of(declared)) {
      text +=
          "complete -c cml -n '__cml_at " + std::string(declared.command->name) + "' -l " + long_name(*flag).substr(2);
      for (std::string const& name : flag->names)
        if (name.size() == 2) text += " -s " + name.substr(1);
      if (!flag->choices.empty())
        text += " -x -a " + shell_quoted(joined(flag->choices));
      else if (takes_word(*flag))
        text += " -r";
      text += " -d " + shell_quoted(flag->help) + "\n";
    }
  }
  return text;
}

}  // namespace

std::string completion_script(Shell shell) {
  Table const table;
  switch (shell) {
    case Shell::Bash:
      return bash(table);
    case Shell::Zsh:
      return zsh(table);
    case Shell::Fish:
      return fish(table);
  }
  return "";
}

}  // namespace cml

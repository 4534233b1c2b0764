#include "app/parser.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>

#include "app/environment_aliases.hpp"
#include "app/help.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

bool is_long(std::string_view name) { return name.size() > 2 && name.substr(0, 2) == "--"; }

// "--watermarkTitle" becomes "--watermark-title", as the Node tool accepted both.
std::string with_dashes(std::string_view name) {
  std::string result;
  for (char c : name) {
    if (c >= 'A' && c <= 'Z') {
      result.push_back('-');
      result.push_back(static_cast<char>(c - 'A' + 'a'));
    } else {
      result.push_back(c);
    }
  }
  return result;
}

class Names {
 public:
  explicit Names(ParseTask const& task) {
    for (Flags const* flags : {task.flags, task.global})
      for (Flag const& flag : flags->all())
        for (std::string const& name : flag.names) by_name_.emplace(name, &flag);
  }
  Flag const* find(std::string const& name) const {
    auto const found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : found->second;
  }
  std::string_view near(std::string_view word) const {
    for (bool const hidden : {false, true}) {  // Hidden ones only when nothing better is near.
      std::vector<std::string_view> names{"--help"};
      for (auto const& [name, flag] : by_name_)
        if (is_long(name) && flag->hidden == hidden) names.push_back(name);
      if (std::string_view const found = nearest(word, names); !found.empty()) return found;
    }
    return {};
  }

 private:
  std::map<std::string, Flag const*> by_name_;
};

// Brings the spellings that CLI11 does not know into those it does: camel case, --no-flag, "--flag false", bare --pr.
std::vector<std::string> normalize(Names const& names, std::vector<std::string> const& words) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (word == "--") {
      result.insert(result.end(), words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
      break;
    }
    if (word.size() < 2 || word[0] != '-') {
      result.push_back(word);
      continue;
    }
    auto const equals = word.find('=');
    std::string name = word.substr(0, equals), value = equals == std::string::npos ? "" : word.substr(equals + 1);
    bool has_value = equals != std::string::npos;
    Flag const* flag = names.find(name);
    if (flag == nullptr && is_long(name)) {
      std::string const dashed = "--" + with_dashes(name.substr(2));
      if ((flag = names.find(dashed)) != nullptr) name = dashed;
    }
    if (flag == nullptr && name.substr(0, 5) == "--no-") {
      std::string const positive = "--" + name.substr(5);
      Flag const* negated = names.find(positive);
      if (negated != nullptr && negated->kind == Flag::Kind::Boolean) {
        flag = negated;
        name = positive;
        value = has_value && parse_boolean(value) == false ? "true" : "false";
        has_value = true;
      }
    }
    if (flag == nullptr) {
      result.push_back(word);
      continue;
    }
    name = flag->names.front();                // A short name becomes its long one.
    if (has_value && value.empty()) continue;  // An empty value is none, and takes no other word in its place.
    if (!has_value && i + 1 < words.size() && words[i + 1].empty()) {
      ++i;
      continue;
    }
    bool const next_is_truth = i + 1 < words.size() && (equals_ignoring_case(words[i + 1], "true") ||
                                                        equals_ignoring_case(words[i + 1], "false"));
    bool const takes_no_word = flag->kind == Flag::Kind::Boolean || flag->kind == Flag::Kind::OptionalText;
    if (takes_no_word && !has_value) {
      value = next_is_truth ? words[++i] : "true";
      has_value = true;
    }
    if (flag->kind == Flag::Kind::Boolean) value = to_lower(value);
    if (flag->kind == Flag::Kind::Words && !has_value) {
      if (i + 1 >= words.size()) result.push_back(name);
      // The first word may start with a dash (standard input); the others end at the next option.
      for (bool first = true; i + 1 < words.size() && (first || words[i + 1].substr(0, 1) != "-"); first = false)
        if (!words[++i].empty()) result.push_back(name + "=" + words[i]);
    } else if (!has_value) {
      result.push_back(name);
      // The next word belongs to the option even when it starts with a dash.
      if (i + 1 < words.size()) result.back() += "=" + words[++i];
    } else {
      result.push_back(name + "=" + value);
    }
  }
  return result;
}

Status apply(Flag const& flag, std::string const& value, std::string const& source) {
  if (!flag.choices.empty() && std::find(flag.choices.begin(), flag.choices.end(), value) == flag.choices.end()) {
    std::vector<std::string_view> const names(flag.choices.begin(), flag.choices.end());
    return not_one_of(value, names).while_doing(source);
  }
  auto applied = flag.apply(value);
  if (!applied) return std::move(applied).error().while_doing(source);
  return applied;
}

Error unknown_option(ParseTask const& task, Names const& names, std::string const& word) {
  std::string const name = word.substr(0, word.find('='));
  for (auto const& [hinted, text] : task.flags->hints())
    if (hinted == name) return {ErrorKind::Usage, task.title + " has no option " + name + "; " + text};
  std::string_view const near = names.near(name);
  return {ErrorKind::Usage,
          task.title + " has no option " + one_line(name, 60) +
              (near.empty() ? "; see " + task.title + " --help" : "; did you mean " + std::string(near) + "?")};
}

Status fill_from_environment(ParseTask const& task, Flag const& flag, bool is_global, Environment const& environment) {
  for (std::string const& name : environment_names(task, flag, is_global)) {
    auto const value = environment.get(name);
    if (!value || value->empty()) continue;
    if (flag.kind != Flag::Kind::List && flag.kind != Flag::Kind::Words) return apply(flag, *value, name);
    for (std::string const& part : split(*value, ',')) CML_CHECK_OK(apply(flag, part, name));
    return ok();
  }
  return ok();
}

}  // namespace

std::vector<std::string> environment_names(ParseTask const& task, Flag const& flag, bool is_global) {
  std::vector<std::string> names;
  for (std::string const& option : flag.names) {
    if (!is_long(option)) continue;
    std::string const tail = replace_all(to_upper(option.substr(2)), "-", "_");
    for (std::string_view prefix : task.prefixes) names.push_back(std::string(prefix) + tail);
    if (is_global) names.push_back("CML_" + tail);
  }
  std::vector<std::string> const own = names;
  for (EnvironmentAlias const& alias : kEnvironmentAliases)
    if (std::find(own.begin(), own.end(), alias.stands_for) != own.end()) names.emplace_back(alias.variable);
  names.insert(names.end(), flag.variables.begin(), flag.variables.end());
  return names;
}

namespace {

bool own_flag(Flags const& flags, std::string const& name) {
  for (Flag const& flag : flags.all())
    if (std::find(flag.names.begin(), flag.names.end(), name) != flag.names.end()) return true;
  return false;
}

}  // namespace

Result<Parsed> parse_words(ParseTask const& task, std::vector<std::string> words, Environment const& environment) {
  CLI::App app(task.summary, task.title);
  app.allow_extras();
  // vega-cli's -h is --header.
  app.set_help_flag(own_flag(*task.flags, "-h") ? "--help" : "-h,--help", "Show this help");
  Positional const& positional = task.flags->positionals();
  std::vector<std::string> values;
  // CLI11 takes no blanks in names.
  if (positional.at_most > 0)
    app.add_option(replace_all(positional.name, " ", "_"), values, positional.help)->expected(0, 1 << 20);
  std::vector<std::pair<Flag const*, CLI::Option*>> options;
  std::vector<bool> global;
  std::vector<Flag const*> shadowed;  // A command's own option of the same name counts on the line.
  for (Flags const* flags : {task.flags, task.global}) {
    for (Flag const& flag : flags->all()) {
      if (flags == task.global && own_flag(*task.flags, flag.names.front())) {
        shadowed.push_back(&flag);
        continue;
      }
      std::string joined;
      for (std::string const& name : flag.names) joined += (joined.empty() ? "" : ",") + name;
      CLI::Option* option = flag.kind == Flag::Kind::Boolean ? app.add_flag(joined, flag.help)
                                                             : app.add_option(joined, flag.help)->expected(1);
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
      options.emplace_back(&flag, option);
      global.push_back(flags == task.global);
    }
  }
  Names const names(task);
  std::vector<std::string> reversed = normalize(names, words);
  std::reverse(reversed.begin(), reversed.end());  // CLI11 takes them from the back.
  try {
    app.parse(std::move(reversed));
  } catch (CLI::CallForHelp const&) {
    return Parsed{command_help(task, help_width(environment))};
  } catch (CLI::ArgumentMismatch const& error) {  // "--title: 1 required TEXT missing"
    std::string const what = error.what();
    return Error{ErrorKind::Usage,
                 task.title + ": " + what.substr(0, what.find(": ")) + " needs a value; see " + task.title + " --help"};
  } catch (CLI::ParseError const& error) {
    return Error{ErrorKind::Usage, task.title + ": " + one_line(error.what()) + "; see " + task.title + " --help"};
  }
  for (std::string const& word : app.remaining()) {
    if (word.size() > 1 && word[0] == '-' && word != "--") return unknown_option(task, names, word);
    if (word != "--") values.push_back(word);
  }
  if (values.size() > positional.at_most)
    return Error{ErrorKind::Usage, task.title + ": unexpected argument \"" + one_line(values[positional.at_most], 60) +
                                       "\"; see " + task.title + " --help"};
  if (values.size() < positional.at_least)
    return Error{ErrorKind::Usage, task.title + " needs " + positional.name + ": " + positional.help};
  if (positional.values != nullptr) *positional.values = values;
  // In the order of the line: some commands' options build up a sequence.
  std::map<CLI::Option const*, std::size_t> used;
  for (CLI::Option const* given : app.parse_order()) {
    for (auto const& [flag, option] : options) {
      std::size_t& next = used[option];
      if (option != given || next >= option->results().size()) continue;
      CML_CHECK_OK(apply(*flag, option->results()[next++], flag->names.front()));
    }
  }
  for (std::size_t i = 0; i < options.size(); ++i)
    if (options[i].second->count() == 0)
      CML_CHECK_OK(fill_from_environment(task, *options[i].first, global[i], environment));
  for (Flag const* flag : shadowed) CML_CHECK_OK(fill_from_environment(task, *flag, true, environment));
  return Parsed{};
}

}  // namespace cml

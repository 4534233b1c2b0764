// What a command accepts, declared as data: the parser fills it from the command line, then from the environment.
// An empty value ("--title ''", "--title=", an unset variable) is a value not given; no option needs it to mean more.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/choice.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace cml {

struct Flag {
  enum class Kind {
    Text,          // --name VALUE or --name=VALUE; the last one counts.
    Boolean,       // --name, --no-name, --name=true, --name false.
    OptionalText,  // --name means "true", --name=VALUE gives a value.
    List,          // Repeatable.
    Words          // --name A B C: the words up to the next option; repeatable. Values come in the line's order.
  };
  std::vector<std::string> names;  // Long names first; short ones ("-t") after.
  Kind kind = Kind::Text;
  std::string help;
  bool hidden = false;
  std::string value, group = "Options";                   // For the help: "FILE...", and under which line it stands.
  std::vector<std::string> choices;                       // Text: what is allowed; empty: anything.
  std::function<Status(std::string const& value)> apply;  // Once per value.
  std::vector<std::string> variables;                     // Own environment names, beside CML_<COMMAND>_<OPTION>.

  Flag& hide() { return hidden = true, *this; }
  Flag& takes(std::string what) { return value = std::move(what), *this; }
  Flag& under(std::string line) { return group = std::move(line), *this; }
  // For rows of an open set; a closed one has a table: Flags::choice.
  Flag& one_of(std::vector<std::string> values) { return choices = std::move(values), *this; }
  Flag& from(std::vector<std::string> environment_names) { return variables = std::move(environment_names), *this; }
};

struct Positional {
  std::string name, help;
  std::size_t at_least = 0, at_most = 0;
  std::vector<std::string>* values = nullptr;
};

// Pointers must outlive parsing; commands keep their options in a shared_ptr that the action holds, too.
class Flags {
 public:
  Flag& text(std::string_view names, std::string* target, std::string help);  // names: "--title,-t"
  Flag& secret(std::string_view names, Secret* target, std::string help);
  Flag& boolean(std::string_view names, bool* target, std::string help);
  Flag& number(std::string_view names, double* target, std::string help);
  Flag& integer(std::string_view names, long long* target, std::string help);
  Flag& optional_text(std::string_view names, std::string* target, std::string help);
  // One name of the table; `target` is an E or a std::optional<E>.
  template <class Target, class E, std::size_t count>
  Flag& choice(std::string_view names, Target* target, Choice<E> const (&table)[count], std::string help) {
    Flag& flag = add(names, Flag::Kind::Text, std::move(help));
    for (Choice<E> const& row : table) flag.choices.emplace_back(row.name);
    flag.apply = [target, &table](std::string const& value) -> Status {
      CML_TRY(chosen, parse_choice(table, value));
      return *target = chosen, ok();
    };
    return flag;
  }
  Flag& list(std::string_view names, std::vector<std::string>* target, std::string help);
  // Calls `apply` for each value, in the order in which all options stand on the command line.
  Flag& each(std::string_view names, Flag::Kind kind, std::string help,
             std::function<Status(std::string const&)> apply);
  void positional(std::string name, std::vector<std::string>* target, std::size_t at_least, std::size_t at_most,
                  std::string help);
  void footer(std::string text) { footer_ = std::move(text); }
  // A pointed answer for an option that people try here but that does not exist.
  void hint(std::string name, std::string text) { hints_.emplace_back(std::move(name), std::move(text)); }

  std::vector<Flag> const& all() const { return flags_; }
  Positional const& positionals() const { return positional_; }
  std::string const& footer() const { return footer_; }
  std::vector<std::pair<std::string, std::string>> const& hints() const { return hints_; }

 private:
  Flag& add(std::string_view names, Flag::Kind kind, std::string help);

  std::vector<Flag> flags_;
  Positional positional_;
  std::string footer_;
  std::vector<std::pair<std::string, std::string>> hints_;
};

}  // namespace cml

#include "app/flags.hpp"

#include <charconv>
#include <cmath>

#include "base/text.hpp"

namespace cml {
namespace {

Error not_a(std::string_view what, std::string const& value) {
  return {ErrorKind::Usage, "not a valid " + std::string(what) + ": " + one_line(value, 60)};
}

}  // namespace

Flag& Flags::add(std::string_view names, Flag::Kind kind, std::string help) {
  Flag flag;
  flag.names = split(names, ',');
  flag.kind = kind;
  flag.help = std::move(help);
  // "--watermark-title TITLE"
  flag.value = to_upper(flag.names.front().substr(flag.names.front().rfind('-') + 1));
  flags_.push_back(std::move(flag));
  return flags_.back();
}

Flag& Flags::text(std::string_view names, std::string* target, std::string help) {
  Flag& flag = add(names, Flag::Kind::Text, std::move(help));
  flag.apply = [target](std::string const& value) { return *target = value, ok(); };
  return flag;
}

Flag& Flags::secret(std::string_view names, Secret* target, std::string help) {
  Flag& flag = add(names, Flag::Kind::Text, std::move(help));
  flag.apply = [target](std::string const& value) { return *target = Secret(value), ok(); };
  return flag;
}

Flag& Flags::boolean(std::string_view names, bool* target, std::string help) {
  Flag& flag = add(names, Flag::Kind::Boolean, std::move(help));
  flag.apply = [target](std::string const& value) -> Status {
    auto const parsed = parse_boolean(value);
    if (!parsed) return not_a("boolean (true or false)", value);
    return *target = *parsed, ok();
  };
  return flag;
}

Flag& Flags::number(std::string_view names, double* target, std::string help) {
  Flag& flag = add(names, Flag::Kind::Text, std::move(help));
  flag.apply = [target](std::string const& value) -> Status {
    double parsed = 0;
    auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), parsed);
    if (error != std::errc{} || end != value.data() + value.size() || !std::isfinite(parsed))
      return not_a("number", value);
    return *target = parsed, ok();
  };
  return flag.takes("NUMBER");
}

Flag& Flags::integer(std::string_view names, long long* target, std::string help) {
  Flag& flag = add(names, Flag::Kind::Text, std::move(help));
  flag.apply = [target](std::string const& value) -> Status {
    auto const parsed = parse_integer(value);
    if (!parsed) return not_a("whole number", value);
    return *target = *parsed, ok();
  };
  return flag.takes("NUMBER");
}

Flag& Flags::optional_text(std::string_view names, std::string* target, std::string help) {
  Flag& flag = add(names, Flag::Kind::OptionalText, std::move(help));
  flag.apply = [target](std::string const& value) { return *target = value, ok(); };
  return flag;
}

Flag& Flags::list(std::string_view names, std::vector<std::string>* target, std::string help) {
  Flag& flag = add(names, Flag::Kind::List, std::move(help));
  flag.apply = [target](std::string const& value) { return target->push_back(value), ok(); };
  return flag;
}

Flag& Flags::each(std::string_view names, Flag::Kind kind, std::string help,
                  std::function<Status(std::string const&)> apply) {
  Flag& flag = add(names, kind, std::move(help));
  flag.apply = std::move(apply);
  return flag;
}

void Flags::positional(std::string name, std::vector<std::string>* target, std::size_t at_least, std::size_t at_most,
                       std::string help) {
  positional_ = {std::move(name), std::move(help), at_least, at_most, target};
}

}  // namespace cml

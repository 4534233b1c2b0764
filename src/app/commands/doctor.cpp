// cml doctor: tries what the other commands will need, and says what to do.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "app/checkup.hpp"
#include "app/commands/all.hpp"
#include "app/commands/runner_common.hpp"
#include "app/result.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

Status doctor(std::vector<std::string> const& clouds, Context& context) {
  auto const findings = check_up(context, clouds);
  auto list = nlohmann::json::array();
  std::string text;
  for (Finding const& one : findings) {
    list.push_back(
        {{"about", one.about}, {"health", name_of(kHealth, one.health)}, {"text", one.text}, {"remedy", one.remedy}});
    std::string line = std::string(name_of(kHealth, one.health));
    line.resize(9, ' ');
    text += line + one.about + ": " + one.text + (one.remedy.empty() ? "" : "\n         " + one.remedy) + "\n";
  }
  CML_CHECK_OK(context.options.json ? print_json(context, {{"findings", list}}) : context.console.out(text));
  auto const bad =
      std::count_if(findings.begin(), findings.end(), [](auto const& f) { return f.health == Health::Bad; });
  if (bad == 0) return ok();
  return Error{ErrorKind::BadInput, bad == 1 ? "one thing does not work" : std::to_string(bad) + " things do not work"};
}

}  // namespace

Action declare_doctor(Flags& flags) {
  auto const clouds = std::make_shared<std::vector<std::string>>();
  comma_list(flags, "--cloud", clouds.get(),
             "Clouds to try, separated by commas (default: those whose credentials are in the environment)");
  return [clouds](Context& context) { return doctor(*clouds, context); };
}

}  // namespace cml

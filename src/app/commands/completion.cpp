#include "app/commands/all.hpp"
#include "app/completion.hpp"
#include "app/manual.hpp"
#include "app/result.hpp"
#include "app/session.hpp"

#include <nlohmann/json.hpp>

namespace cml {

Action declare_completion(Flags& flags) {
  auto const shell = std::make_shared<std::vector<std::string>>();
  flags.positional("SHELL", shell.get(), 1, 1, "bash, zsh or fish");
  return [shell](Context& context) -> Status {
    CML_TRY(chosen, parse_choice(kShells, shell->front()));
    std::string const script = completion_script(chosen);
    return context.options.json ? print_json(context, {{"shell", shell->front()}, {"script", script}})
                                : context.console.out(script);
  };
}

// For packages: every page of the manual, in a folder.
Action declare_manual(Flags& flags) {
  auto const folder = std::make_shared<std::vector<std::string>>();
  flags.positional("FOLDER", folder.get(), 1, 1, "where to write cml.1, cml-comment-create.1, ...");
  return [folder](Context& context) -> Status {
    CML_TRY(door, open_door(context));
    std::filesystem::path const directory = folder->front();
    CML_CHECK_OK(door.make_directories(directory));
    auto pages = nlohmann::json::array();
    for (ManualPage const& page : manual_pages()) {
      CML_CHECK_OK(door.write(directory / page.name, page.text));
      pages.push_back(page.name);
    }
    return context.options.json ? print_json(context, {{"pages", pages}}) : ok();
  };
}

}  // namespace cml

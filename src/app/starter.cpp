#include "app/starter.hpp"

#include <kainjow/mustache.hpp>

#include <algorithm>

#include "app/program.hpp"
#include "base/embedded.hpp"
#include "base/text.hpp"

namespace cml {
std::vector<EmbeddedFile> const& embedded_starters();

namespace {

namespace mustache = kainjow::mustache;

std::string option_of(std::string const& option, std::vector<std::string> const& files) {
  std::string text = files.empty() ? "" : " " + option;
  for (std::string const& file : files) text += " " + file;
  return text;
}

}  // namespace

StarterType const* starter_for(std::string_view forge) {
  auto const row = std::find_if(std::begin(kStarters), std::end(kStarters),
                                [&](StarterType const& one) { return one.forge == forge; });
  return row == std::end(kStarters) ? nullptr : row;
}

StarterCommands commands_for(RepositoryTools const& found) {
  StarterCommands commands;
  if (!found.requirements.empty()) commands.before.push_back("pip install -r " + found.requirements);
  if (found.dvc) {
    commands.before.push_back("pip install dvc");
    commands.before.push_back("dvc repro --pull");
  } else if (!found.trainer.empty()) {
    commands.before.push_back("python " + found.trainer);
  } else {
    commands.before.push_back("echo \"Train here and write metrics.json\"");
  }
  std::string const shown =
      option_of("--metrics", found.metrics) + option_of("--params", found.params) + option_of("--plot", found.plots);
  commands.report =
      "cml comment update --target=pr --compare=auto" + (shown.empty() ? " --metrics metrics.json" : shown);
  return commands;
}

std::string starter_text(StarterType const& type, RepositoryTools const& found, std::string const& repository,
                         std::string const& install) {
  std::string text;
  for (EmbeddedFile const& file : embedded_starters())
    if (file.name == type.template_name) text = std::string(file.bytes);
  mustache::mustache page(text);
  page.set_custom_escape([](std::string const& plain) { return plain; });
  StarterCommands const commands = commands_for(found);
  mustache::data before(mustache::data::type::list);
  for (std::string const& command : commands.before) before.push_back(mustache::data(command));
  mustache::data data;
  // The tag that each release of this major version moves to itself (.github/workflows/release.yml).
  std::string const action = repository + "@v" + std::string(version().substr(0, version().find('.')));
  data.set("action", type.forge == "gitea" ? "https://github.com/" + action : action);
  data.set("install", install);
  data.set("python", found.python || found.dvc || !found.trainer.empty());
  data.set("commands", before);
  data.set("report", commands.report);
  std::string text_without_blanks;  // A section's own lines leave blank ones.
  for (std::string const& line : split(page.render(data), '\n'))
    if (!trim(line).empty()) text_without_blanks += line + "\n";
  return text_without_blanks;
}

}  // namespace cml

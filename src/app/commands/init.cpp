// cml init: a starter pipeline for the forge and the tools that are found, never over a file that is there.
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

#include "app/commands/all.hpp"
#include "app/result.hpp"
#include "app/session.hpp"
#include "app/starter.hpp"
#include "base/home.hpp"
#include "base/text.hpp"

namespace cml {
namespace {

struct InitOptions {
  std::string forge;
};

RepositoryTools look_around(Door const& door) {
  RepositoryTools found;
  auto const is_file = [&](std::string const& name) { return door.kind(name) == FileKind::Regular; };
  for (std::string const name : {"requirements.txt", "requirements-train.txt"})
    if (found.requirements.empty() && is_file(name)) found.requirements = name;
  found.python = !found.requirements.empty() || is_file("pyproject.toml") || is_file("setup.py");
  found.dvc = is_file("dvc.yaml");
  for (std::string const name : {"train.py", "src/train.py", "main.py"})
    if (found.trainer.empty() && is_file(name)) found.trainer = name;
  for (std::string const name : {"metrics.json", "metrics.yaml", "eval.json", "results.json", "scores.json"})
    if (is_file(name)) found.metrics.push_back(name);
  for (std::string const name : {"dvclive", "mlruns"})
    if (door.kind(name) == FileKind::Directory) found.metrics.push_back(name);
  if (is_file("params.yaml")) found.params.push_back("params.yaml");
  if (found.dvc) found.plots.push_back("dvc.yaml");
  return found;
}

// Of the clone's remote or the CI; nothing when it is not one of those that there are starters for.
std::string forge_of(Context& context) {
  auto const session = open_session(context);
  return session ? std::string(session->forge->name()) : "";
}

// The remote alone is enough: a starter needs no token.
std::string forge_of_remote(Context& context) {
  auto const remote = git_of_run(context).remote_url();
  if (!remote) return "";
  auto const named = parse_repository(*remote, "https://any.invalid");
  if (!named) return "";
  for (ForgeType const& type : forge_types())
    for (std::string_view host : type.public_hosts)
      if (named->host() == host) return std::string(type.name);
  return "";
}

Status init(InitOptions const& options, Context& context) {
  std::string forge = options.forge.empty() ? context.options.driver : options.forge;
  if (forge.empty()) forge = forge_of_remote(context);
  if (forge.empty()) forge = forge_of(context);
  StarterType const* const type = starter_for(forge);
  if (type == nullptr) {
    std::vector<std::string_view> names;
    for (StarterType const& row : kStarters) names.push_back(row.forge);
    return forge.empty() || forge == "local"
               ? Error{ErrorKind::Usage,
                       "cannot tell which forge this clone belongs to; name it with --forge github, "
                       "gitea, gitlab or bitbucket"}
               : not_one_of(forge, names).while_doing("--forge");
  }
  CML_TRY(door, open_door(context));
  std::filesystem::path const file = door.rules().root / std::string(type->file);
  RepositoryTools const found = look_around(door);
  std::string const repository(home_repository().empty() ? "OWNER/cml" : home_repository());
  std::string const install = release_url(home().empty() ? "https://HOST/OWNER/cml" : home(), "", "install.sh");
  std::string const text = starter_text(*type, found, repository, install);
  Diagnostics diagnostics;
  if (home().empty())
    diagnostics.warn("", "this build does not know where its releases are: put your repository for OWNER/cml");
  bool const exists = door.kind(file) != FileKind::Missing;
  if (exists)
    diagnostics.missed("", std::string(type->file) + " is there and stays as it is; take from this what you need");
  bool const writes = !exists && !context.options.dry_run;
  if (writes) {
    CML_CHECK_OK(door.make_directories(file.parent_path()));
    CML_CHECK_OK(door.write(file, text));
  }
  say(context, diagnostics);
  if (context.options.json)
    return print_json(context, {{"file", type->file},
                                {"written", writes},
                                {"dry_run", context.options.dry_run},
                                {"text", text},
                                {"warnings", in_json(diagnostics)}});
  if (!writes) return context.console.out(text);
  return context.console.out(text + "\n# Written to " + std::string(type->file) +
                             "; commit it and open a pull request.\n");
}

}  // namespace

Action declare_init(Flags& flags) {
  auto const options = std::make_shared<InitOptions>();
  std::vector<std::string> forges;
  for (StarterType const& row : kStarters) forges.emplace_back(row.forge);
  flags.text("--forge", &options->forge, "Which forge's pipeline (default: by the clone's remote)").one_of(forges);
  return [options](Context& context) { return init(*options, context); };
}

}  // namespace cml

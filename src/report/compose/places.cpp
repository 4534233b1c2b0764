#include "report/compose/places.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "report/compose/plot.hpp"
#include "workspace/paths.hpp"

namespace cml::report {

std::string in_place(Door const& door, std::filesystem::path const& here, std::string const& value) {
  auto const colon = std::min(value.find(':'), value.size());
  std::string path = value.substr(0, colon);
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  std::filesystem::path const named(path);
  if (!named.is_absolute()) return value;
  auto const folder = door.narrowed(named.parent_path(), Origin::CommandLine);
  auto const start = door.narrowed(here, Origin::CommandLine);
  if (!folder || !start || !is_at_or_below(door.rules().root, folder->rules().root)) return value;
  auto const place = (folder->rules().root / named.filename()).lexically_relative(start->rules().root);
  return place.generic_string() + value.substr(colon);
}

Result<metrics::DvcFiles> dvc_files_of(DiskSource& workspace, std::string const& path) {
  constexpr std::uintmax_t kMaxBytes = 64u << 20;
  CML_TRY(text, workspace.read(path, kMaxBytes));
  workspace.named_by(Origin::Workspace);  // What it names, the repository says.
  // Paths in a dvc.yaml count from its own folder.
  std::string const folder = std::filesystem::path(path).parent_path().string();
  auto const placed = [&](std::string const& name) {
    return (std::filesystem::path(folder) / name).lexically_normal().string();
  };
  auto files = metrics::read_dvc_yaml(text, {}, [&](std::string const& name) -> std::optional<metrics::Node> {
    auto const bytes = workspace.read(placed(name), kMaxBytes);
    auto tree = bytes ? metrics::parse_tree(name, *bytes) : Result<metrics::Node>(bytes.error());
    return tree ? std::optional(std::move(*tree)) : std::nullopt;
  });
  if (!files) return std::move(files).error().while_doing(path);
  for (std::string& name : files->metrics) name = placed(name);
  for (std::string& name : files->params) name = placed(name);
  for (auto& plot : files->plots) {
    plot.path = placed(plot.path);
    if (!plot.x.file.empty()) plot.x.file = placed(plot.x.file);
    for (auto& column : plot.y)
      if (!column.file.empty()) column.file = placed(column.file);
  }
  return files;
}

namespace {

bool has_one_of(std::string const& path, std::initializer_list<std::string_view> extensions) {
  std::string const own = to_lower(std::filesystem::path(path).extension().string());
  return std::find(extensions.begin(), extensions.end(), own) != extensions.end();
}

}  // namespace

bool is_picture(std::string const& path) {
  return has_one_of(path, {".png", ".jpg", ".jpeg", ".svg", ".gif", ".webp"});
}

bool has_records(std::string const& path) { return has_one_of(path, {".csv", ".tsv", ".json", ".yaml", ".yml"}); }

Result<std::string> find_plot_template(DiskSource& workspace, std::string const& name) {
  constexpr std::uintmax_t kMaxTemplateBytes = 64u << 20;
  for (std::string const& path : {".dvc/plots/" + name + ".json", ".dvc/plots/" + name, name})
    if (workspace.kind(path) == FileKind::Regular) return workspace.read(path, kMaxTemplateBytes);
  std::string_view const own = plot_template(name);
  if (!own.empty()) return std::string(own);
  auto const names = plot_templates();
  std::string_view const near = nearest(name, {names.begin(), names.end()});
  std::string all;
  for (std::string const& known : names) all += (all.empty() ? "" : ", ") + known;
  return Error{ErrorKind::NotFound,
               "no plot template \"" + one_line(name, 60) + "\" (neither in .dvc/plots)" +
                   (near.empty() ? "; there are " + all : "; did you mean " + std::string(near) + "?")};
}

}  // namespace cml::report
